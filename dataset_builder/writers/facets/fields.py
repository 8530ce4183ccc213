"""Reads a field of a row as values: a string, a number, or a list of them."""

from __future__ import annotations

from dualview.cards.errors import InputError
from dualview.dataset_builder.json_rows import Row


def read_values(row: Row, field: str) -> tuple[str, ...]:
    """The values of a field, each once and in order; none where it is absent, null or empty.

    :raises InputError: if it is an object, or a list of something else than strings and numbers.
    """
    value = row.fields.get(field)
    entries = value if isinstance(value, list) else [] if value is None else [value]
    texts = []
    for entry in entries:
        if not isinstance(entry, (str, int, float)) or isinstance(entry, bool):
            raise InputError(
                f"{row.where}: the field '{field}' is neither text, a number, nor a list of them; correct "
                "the line, or remove the field from the table"
            )
        if text := " ".join(_as_text(entry).split()):
            texts.append(text)
    return tuple(dict.fromkeys(texts))


def _as_text(entry: str | int | float) -> str:
    """The entry as text that a file can hold; 1984.0, which some writers make of a year, is 1984."""
    if isinstance(entry, float) and entry.is_integer():
        return str(int(entry))
    return str(entry).encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
