"""Rows of files with one JSON object a line: every fault is one clear line.

Only text that any other file can hold is read: no NUL, no half of a surrogate pair, no line of many
megabytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.cards.text_files import read_objects

#: Characters of a line, at most; less than elsewhere, because a set or a topic is held in memory as a whole.
MAX_LINE = 8 * 2**20


@dataclass(frozen=True)
class Row:
    """One JSON object of a file, with its place for the messages.

    :ivar where: the file and the line, and inside the object the field, such as ``sets.jsonl, line 3``.
    """

    where: str
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field that must be there and hold more than white space.

        :raises InputError: otherwise.
        """
        value = self.optional_text(name)
        if value is None:
            raise InputError(f"{self.where}: lacks the field '{name}'; add it as a string")
        if not value.strip():
            raise InputError(f"{self.where}: the field '{name}' is empty; fill it or remove the line")
        return value

    def optional_text(self, name: str) -> str | None:
        """A field that may be absent or null.

        :raises InputError: if it is not a string, or holds characters that no text file can hold.
        """
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise InputError(f"{self.where}: the field '{name}' is {_kind(value)}; make it a string")
        if "\0" in value:
            raise InputError(f"{self.where}: the field '{name}' holds a NUL character; remove it")
        if not _is_writable(value):
            raise InputError(
                f"{self.where}: the field '{name}' holds half of a surrogate pair (\\ud800 to \\udfff); "
                "write the whole character"
            )
        return value

    def text_or_texts(self, name: str) -> str | tuple[str, ...]:
        """A field that must be a text, or a list of texts that is not empty.

        :raises InputError: otherwise.
        """
        value = self.fields.get(name)
        if not isinstance(value, list):
            return self.text(name)
        if not value:
            raise InputError(f"{self.where}: the field '{name}' is empty; fill it or remove it")
        entries = Row(self.where, {f"{name}[{place}]": entry for place, entry in enumerate(value)})
        return tuple(entries.text(place) for place in entries.fields)

    def integer(self, name: str) -> int:
        """A field that must be a whole number.

        :raises InputError: otherwise.
        """
        value = self.fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise InputError(f"{self.where}: the field '{name}' is {_kind(value)}; make it a whole number")
        return value

    def nested(self, name: str) -> Row:
        """A field that must be an object.

        :raises InputError: otherwise.
        """
        if name not in self.fields:
            raise InputError(f"{self.where}: lacks the field '{name}'; add it as an object")
        return self._object(name, self.fields[name])

    def rows(self, name: str) -> list[Row]:
        """A field that may be absent and otherwise is a list of objects.

        :raises InputError: otherwise.
        """
        value = self.fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise InputError(f"{self.where}: the field '{name}' is {_kind(value)}; make it a list of objects")
        return [self._object(f"{name}[{place}]", entry) for place, entry in enumerate(value)]

    def _object(self, name: str, value: object) -> Row:
        if not isinstance(value, dict):
            raise InputError(f"{self.where}: the field '{name}' is {_kind(value)}; make it an object")
        return Row(f"{self.where}, {name}", value)


def read_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Read the objects of a file with their line numbers, from 1; see :mod:`dualview.cards.text_files`.

    :raises InputError: if the file cannot be read, is empty, or a line is not one JSON object.
    """
    empty = True
    for number, fields in read_objects(path, MAX_LINE):
        empty = False
        yield number, Row(f"{path}, line {number}", fields)
    if empty:
        raise InputError(f"{path}: is empty; put one JSON object on each line")


def _is_writable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _kind(value: object) -> str:
    kinds = {str: "a string", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return "null or absent" if value is None else kinds.get(type(value), "an object")
