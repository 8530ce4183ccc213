"""Values of fields as short texts: of front matter and of columns, nested ones with dots in their names."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_DEEPEST = 3
_MOST_VALUES = 32
_MOST_FIELDS = 100


def flatten(fields: Mapping[Any, Any]) -> dict[str, tuple[str, ...]]:
    """Values by name; ``{"made": {"in": 1890}}`` gives ``made.in``. What is no short value is left out."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in leaves(fields):
        if len(found) == _MOST_FIELDS:
            break
        if values := as_values(value):
            found[name] = values
    return found


def as_values(value: object) -> tuple[str, ...]:
    """A string, a number, a date or a list of them as texts, each once; empty for anything else."""
    entries: Iterable[object] = value if isinstance(value, (list, tuple)) else (value,)
    texts: dict[str, None] = {}
    for entry in entries:
        if (text := _as_text(entry)) is not None:
            texts[text] = None
        if len(texts) == _MOST_VALUES:
            break
    return tuple(texts)


def value_at(fields: Mapping[str, Any], name: str) -> object:
    """The value of a field; ``a.b`` is field ``b`` of the object in field ``a``. None where there is none."""
    if name in fields:
        found: object = fields[name]
        return found
    found = fields
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def names_of(fields: Mapping[str, Any]) -> Iterator[str]:
    """The names of the fields, nested ones with dots."""
    for name, _ in leaves(fields):
        yield name


def leaves(
    fields: Mapping[Any, Any], prefix: str = "", depth: int = _DEEPEST
) -> Iterator[tuple[str, object]]:
    """The fields with their values, those of nested objects with dots in their names."""
    for key, value in fields.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and depth > 1:
            yield from leaves(value, f"{name}.", depth - 1)
        else:
            yield name, value


def _as_text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:  # no number, as data frames write what is missing
            return None
        value = int(value) if value.is_integer() else value
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    if not isinstance(value, (str, int, float, datetime.date)):
        return None
    text = str(value).encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    return " ".join(text.split()) or None
