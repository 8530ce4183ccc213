"""Finds text, title, id and attributes among the columns of rows, and makes records of the rows."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dualview.cards.errors import InputError
from dualview.cards.text import shorten
from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.schema import Passage
from dualview.dataset_builder.sources.documents.cutting import count_words
from dualview.dataset_builder.sources.documents.tally import Tally
from dualview.dataset_builder.sources.documents.values import as_values, flatten, names_of, value_at
from dualview.dataset_builder.sources.passages.record import Record

_TEXTS = ("text", "passage", "content", "contents", "body", "document", "abstract", "description")
_TITLES = ("title", "name", "headline", "subject")
_IDS = ("id", "_id", "docid", "doc_id", "document_id", "passage_id", "pid")
_SHOWN_CHARACTERS = 300
# Words beyond which most of a text is behind the end of what an encoder reads.
_LONG = 400
# Values that may be attributes; longer ones are texts of their own.
_MOST_VALUE_CHARACTERS = 80


@dataclass(frozen=True)
class ColumnSettings:
    """Columns of a table that a user names; fields of nested objects are named like ``made.year``.

    :param text: column of the passage; None to look for one with a usual name, as for title and id.
    :param title: column of the titles; empty where the passages have none.
    :param docid: column of the ids; empty to number the rows instead.
    :param attributes: columns whose values tell passages apart; None to take those that can, empty for none.
    """

    text: str | None = None
    title: str | None = None
    docid: str | None = None
    attributes: tuple[str, ...] | None = None

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> ColumnSettings:
        """The settings that the flags give."""
        named = args.attributes
        if isinstance(named, str):
            named = tuple(dict.fromkeys(name.strip() for name in named.split(",") if name.strip()))
        return cls(args.text, args.title, args.id, named)

    def named(self) -> tuple[str, ...]:
        """All columns that are named."""
        names = (self.text, self.title, self.docid, *(self.attributes or ()))
        return tuple(name for name in names if name)


@dataclass(frozen=True)
class _Columns:
    text: str
    title: str | None
    docid: str | None

    def has(self, name: str) -> bool:
        """Tell whether a column is one of these, so that it is no attribute."""
        return name in (self.text, self.title, self.docid)


def records_of_rows(
    rows: Iterable[Row], settings: ColumnSettings, source: str, tally: Tally
) -> Iterator[Record]:
    """The records of rows; rows without text are counted.

    :param source: its name begins the ids of passages that bring none.
    :raises InputError: if there is no column with text, a named column is in no row, or a text is no string.
    """
    columns: _Columns | None = None
    missing, seen = set(settings.named()), dict[str, None]()
    for number, row in enumerate(rows, start=1):
        if missing or len(seen) < 2:
            seen.update(dict.fromkeys(names_of(row.fields)))
            missing = {name for name in missing if value_at(row.fields, name) is None and name not in seen}
        columns = columns or _find_columns(row, settings)
        record = _record(row, number, columns, settings, source)
        if record is None:
            tally.leave_out("rows without text", row.where)
            continue
        tally.read["rows"] += 1
        if count_words(record.passage.text) > _LONG:
            tally.note(f"rows of more than {_LONG} words, of which an encoder reads the beginning", row.where)
        yield record
    if missing:
        raise InputError(f"{source}: no row has the column '{min(missing)}'; the columns are {_list(seen)}")


def find_text(names: Iterable[str], settings: ColumnSettings) -> str:
    """The column with the text.

    :raises InputError: if none is named, and none has a usual name.
    """
    names = list(names)
    text = settings.text or _first_of(names, _TEXTS)
    if text is None or text not in names:
        what = f"there is no column '{text}'" if text else f"none of the columns is {', '.join(_TEXTS)}"
        raise InputError(f"{what}; name the one with the text by --text; the columns are {_list(names)}")
    return text


def find_title_and_id(names: Iterable[str], settings: ColumnSettings) -> tuple[str | None, str | None]:
    """The columns with titles and ids; None where none has a usual name, or an empty one is given."""
    names = list(names)
    title = _first_of(names, _TITLES) if settings.title is None else settings.title
    docid = _first_of(names, _IDS) if settings.docid is None else settings.docid
    return title or None, docid or None


def _find_columns(row: Row, settings: ColumnSettings) -> _Columns:
    names = list(names_of(row.fields))
    try:
        text = find_text(names, settings)
    except InputError as error:
        raise InputError(f"{row.where}: {error}") from error
    return _Columns(text, *find_title_and_id(names, settings))


def _record(row: Row, number: int, columns: _Columns, settings: ColumnSettings, source: str) -> Record | None:
    text = value_at(row.fields, columns.text)
    if text is None or (isinstance(text, float) and text != text):
        return None
    text = Row(row.where, {columns.text: text}).optional_text(columns.text) or ""
    if not text.strip():
        return None
    title = as_values(value_at(row.fields, columns.title)) if columns.title else ()
    docid = as_values(value_at(row.fields, columns.docid)) if columns.docid else ()
    return Record(
        where=row.where,
        passage=Passage(docid[0] if docid else f"{source}-{number}", title[0] if title else "", text.strip()),
        attributes=_attributes(row.fields, columns, settings.attributes),
    )


def _attributes(
    fields: Mapping[str, Any], columns: _Columns, named: tuple[str, ...] | None
) -> Mapping[str, tuple[str, ...]]:
    if named is not None:
        found = {name: as_values(value_at(fields, name)) for name in named}
        return {name: values for name, values in found.items() if values}
    return {
        name: values
        for name, values in flatten(fields).items()
        if not columns.has(name) and max(map(len, values)) <= _MOST_VALUE_CHARACTERS
    }


def _first_of(present: Iterable[str], wanted: Iterable[str]) -> str | None:
    by_lower = {name.lower(): name for name in present}
    return next((by_lower[name] for name in wanted if name in by_lower), None)


def _list(names: Iterable[str]) -> str:
    return shorten(", ".join(dict.fromkeys(names)), _SHOWN_CHARACTERS) or "none"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the columns of a table."""
    group = parser.add_argument_group("source passages:TABLE, and data frames")
    group.add_argument(
        "--text",
        metavar="COLUMN",
        help=f"column with the passages; meta.body for a nested one (default: {', '.join(_TEXTS[:4])} …)",
    )
    group.add_argument(
        "--title",
        metavar="COLUMN",
        help=f"column with their titles, '' for none (default: {', '.join(_TITLES)})",
    )
    group.add_argument(
        "--id",
        metavar="COLUMN",
        help=f"column with their ids, '' to number the rows (default: {', '.join(_IDS[:3])} …)",
    )
    group.add_argument(
        "--attributes",
        metavar="A,B",
        help="columns, or names of front matter, that tell passages apart, such as platform,year "
        "(default: those whose values come again and again)",
    )
