"""Grouping of passages into topics by fields in which they agree, and the queries of the topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dualview.cards.errors import InputError
from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.writers.facets.attribute_entries import check_keys, read_wordings
from dualview.dataset_builder.writers.facets.draws import Draw
from dualview.dataset_builder.writers.facets.fields import read_values

_TAKES = ("value", "first", "decade")
_FEWEST, _MOST_BY_DEFAULT = 2, 8


@dataclass(frozen=True)
class KeyField:
    """A field in which the passages of a topic agree.

    :ivar take: ``value`` takes the only value, ``first`` the first of several, ``decade`` a year's.
    :ivar slot: its name in the query's templates.
    """

    field: str
    take: str
    slot: str
    lower: bool

    def read(self, row: Row) -> str | None:
        """The value of a passage; ``None`` where it has none that can be taken."""
        values = read_values(row, self.field)
        if not values or (self.take != "first" and len(values) > 1):
            return None
        value = values[0].lower() if self.lower else values[0]
        if self.take == "decade":
            return f"{int(value) // 10 * 10}s" if value.isdecimal() else None
        return value


@dataclass(frozen=True)
class Grouping:
    """Rules that make topics of passages.

    :ivar queries: templates with the slots of ``keys``; one is drawn for each topic.
    :ivar most_passages: size limit of a topic; more passages that agree make several topics.
    """

    keys: tuple[KeyField, ...]
    queries: tuple[str, ...]
    most_passages: int

    def key(self, row: Row) -> tuple[str, ...] | None:
        """Values that the passages of a topic share; ``None`` for a passage that can be in no topic."""
        found = [key.read(row) for key in self.keys]
        return None if None in found else tuple(value for value in found if value is not None)

    def query(self, key: Sequence[str], draw: Draw) -> str:
        """A query that the passages with this key answer."""
        query = draw.pick(self.queries)
        for field, value in zip(self.keys, key, strict=True):
            query = query.replace(f"{{{field.slot}}}", value)
        return query


def same_key(key: Sequence[str]) -> str:
    """The key as one text without case, to group by."""
    return "\0".join(value.casefold() for value in key)


def read_grouping(entry: object, where: str) -> Grouping:
    """The entry ``topics`` of a table.

    :raises InputError: if it is wrong.
    """
    if not isinstance(entry, dict):
        raise InputError(f"{where}: is not a mapping; give it 'group_by' and 'query'")
    check_keys(entry, ("group_by", "query", "most_passages"), where)
    given = entry.get("group_by")
    if not isinstance(given, list) or not given:
        raise InputError(f"{where}: 'group_by' is not a list; name fields like [{{field: focus}}]")
    keys = tuple(_read_key(key, f"{where}, group_by") for key in given)
    queries = read_wordings(entry.get("query"), f"{where}, query")
    for query in queries:
        missing = [key.slot for key in keys if f"{{{key.slot}}}" not in query]
        if missing:
            raise InputError(
                f"{where}: the query '{query}' lacks {{{missing[0]}}}; without it, passages that do not "
                "belong together get the same query"
            )
    most = entry.get("most_passages", _MOST_BY_DEFAULT)
    if not isinstance(most, int) or isinstance(most, bool) or most < _FEWEST:
        raise InputError(f"{where}: 'most_passages' is '{most}'; make it a whole number from {_FEWEST}")
    return Grouping(keys, queries, most)


def _read_key(entry: object, where: str) -> KeyField:
    if not isinstance(entry, dict) or not isinstance(entry.get("field"), str):
        raise InputError(f"{where}: '{entry}' names no field; write it like {{field: focus}}")
    check_keys(entry, ("field", "take", "as", "lower"), where)
    take = entry.get("take", "value")
    if take not in _TAKES:
        raise InputError(f"{where}: 'take' is '{take}'; make it one of {', '.join(_TAKES)}")
    return KeyField(
        entry["field"], take, str(entry.get("as", entry["field"])), bool(entry.get("lower", False))
    )
