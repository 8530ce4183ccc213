"""Writes a table of attributes to begin with, from the fields of a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from dualview.cards.errors import InputError
from dualview.dataset_builder.description.field_counts import FieldCounts
from dualview.dataset_builder.sources.passages.columns import ColumnSettings, find_text, find_title_and_id

_HEAD = """# A table to begin with, made by `dualview build --describe`; docs/own-corpus.md explains each key.
#
# 1. Passages that agree in `group_by` answer the same query: check that they do.
# 2. `query` holds wordings of that query; one is drawn for each topic.
# 3. Remove the attributes that an instruction should not turn on.
# 4. Give the values wordings of your own: `values: {Android: [for Android phones, about the Android app]}`.

"""
_NAMED = ["whose {attribute} is {value}", "with the {attribute} {value}", "where the {attribute} is {value}"]
_NUMBERS = {
    "equal": ["whose {name} is {{value}}", "with the {name} {{value}}"],
    "below": ["whose {name} is below {{value}}", "with a {name} under {{value}}"],
    "above": ["whose {name} is above {{value}}", "with a {name} over {{value}}"],
}
_PAIRS = 4


def must_be_new(path: Path) -> None:
    """Refuse a file that is there, before the rows are counted.

    :raises InputError: if it exists.
    """
    if path.exists():
        raise InputError(f"{path}: exists; name another file, or remove it")


def write_starter_table(
    path: Path, source: str, fields: Mapping[str, FieldCounts], columns: ColumnSettings
) -> None:
    """Write the table.

    :raises InputError: if the file cannot be written, or no field can say which passages belong together.
    """
    must_be_new(path)
    table = make_starter_table(source, fields, columns)
    text = _HEAD + yaml.safe_dump(table, allow_unicode=True, sort_keys=False, width=100)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name another file") from error


def make_starter_table(
    source: str, fields: Mapping[str, FieldCounts], columns: ColumnSettings
) -> dict[str, Any]:
    """The table as YAML holds it.

    :raises InputError: if no field has values that come again.
    """
    text = find_text(fields, columns)
    title, docid = find_title_and_id(fields, columns)
    own = [name for name in (text, title, docid) if name is not None]
    again = [
        name
        for name, counts in fields.items()
        if counts.comes_again and name not in (text, docid) and "." not in name
    ]
    if not again:
        raise InputError(
            f"{source}: no field has values that several rows share, so none can say which passages belong "
            "together; without a table, write passages: in front of the file"
        )
    # The most values: the finest division into topics whose passages still are several.
    topic = max(again, key=lambda name: (len(fields[name].values), name == title))
    attributes = [name for name in again if name != topic and name not in own]
    if not attributes:
        raise InputError(
            f"{source}: only the field '{topic}' has values that several rows share; a table needs another "
            "one that tells these rows apart; without a table, write passages: in front of the file"
        )
    return {
        "name": Path(source.rpartition(":")[2]).name.split(".")[0] or "corpus",
        "language": "en",
        "noun": {"one": "a text", "many": "texts"},
        "passage": {
            "text": text,
            **({"title": title} if title else {}),
            **({"id": docid} if docid and not fields[docid].comes_again else {}),
        },
        "topics": {
            "group_by": [{"field": topic, **({"take": "first"} if fields[topic].several else {})}],
            "query": [f"{{{topic}}}"],
        },
        "attributes": {name: _attribute(name, fields[name]) for name in attributes},
    }


def _attribute(name: str, counts: FieldCounts) -> dict[str, Any]:
    if counts.is_number and not counts.several:
        words = name.replace("_", " ").replace("{", "").replace("}", "")
        numbers = {kind: [text.format(name=words) for text in texts] for kind, texts in _NUMBERS.items()}
        return {"reads": "that", "pairs": _PAIRS, "numbers": numbers}
    return {"reads": "that", "pairs": _PAIRS, "templates": list(_NAMED)}
