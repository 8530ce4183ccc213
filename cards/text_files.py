"""Text files that people bring: runs, judgements, tables, JSON and JSON Lines, all opened in one way.

UTF-8, with or without a byte-order mark, UTF-16 and UTF-32 with one, line ends of any system, and gzip, which
is known by its content and not by its name. Blank lines are passed over, and counted in line numbers. Every
fault is one line that names the file, the line and the remedy.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from dualview.cards.errors import InputError

#: Characters of a line, at most.
MAX_LINE = 64 * 2**20
#: A compressed file may unpack to so many bytes, or to so many times its size, whichever is more.
MAX_UNPACKED, MAX_RATIO = 64 * 2**20, 200

_GZIP = b"\x1f\x8b"
# The marks of UTF-32 start with those of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARK = "\ufeff"
_NO_TEXT = "is not UTF-8 text; save the file as UTF-8"


def find_file(folder: Path, *names: str) -> Path | None:
    """Return the first of some files that exists in a folder, under its name or with ``.gz`` after it."""
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    return None


def read_lines(path: Path, max_line: int = MAX_LINE) -> Iterator[tuple[int, str]]:
    """Read the lines of a file that hold more than white space, without their ends.

    :param max_line: characters of a line, at most.
    :return: line numbers, from 1, and lines.
    :raises InputError: if the file cannot be read, is no text, or a line is too long.
    """
    for number, line in _raw_lines(path, max_line):
        text = line.rstrip("\r\n")
        if text and not text.isspace():
            yield number, text


def read_cells(path: Path, delimiter: str = "\t") -> Iterator[tuple[int, list[str]]]:
    """Read lines of cells between delimiters, in which quotation marks mean nothing special.

    :raises InputError: see :func:`read_lines`.
    """
    for number, line in read_lines(path):
        yield number, line.split(delimiter)


def read_table(path: Path, delimiter: str = ",") -> Iterator[tuple[int, dict[str, Any]]]:
    """Read a table in CSV, whose cells may be quoted, below a line of column names.

    :return: the number of the line at which a row ends, and its cells by column; None where one is missing.
    :raises InputError: see :func:`read_lines`; also for broken quotes.
    """
    last = 0

    def lines() -> Iterator[str]:
        nonlocal last
        for number, line in _raw_lines(path, MAX_LINE):
            last = number
            yield line

    try:
        for row in csv.DictReader(lines(), delimiter=delimiter):
            yield last, row
    except csv.Error as error:
        raise InputError(f"{path}, line {last}: is no row of a table ({error}); check its quotes") from error


def read_objects(path: Path, max_line: int = MAX_LINE) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read a file of one JSON object a line.

    :return: line numbers, from 1, and objects.
    :raises InputError: see :func:`read_lines`; also if a line is no JSON object or has a key twice.
    """
    for number, line in read_lines(path, max_line):
        value = _parse(line, f"{path}, line {number}")
        if not isinstance(value, dict):
            raise InputError(f"{path}, line {number}: is no JSON object; put one on each line")
        yield number, value


def read_json(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    """Read a file that is one JSON value.

    :raises InputError: see :func:`read_lines`; also if it is no JSON or has a key twice.
    """
    return _parse(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Read a whole file; every line end becomes a line feed.

    :raises InputError: if the file cannot be read or is no text.
    """
    with _opened(path) as file:
        text = file.read()
    if not _is_clean(text):
        line = next(n for n, line in enumerate(text.split("\n"), start=1) if not _is_clean(line))
        raise InputError(f"{path}, line {line}: {_NO_TEXT}")
    return text.lstrip(_MARK).replace("\r\n", "\n").replace("\r", "\n")


class _Unpacked(io.RawIOBase):
    """The content of a gzip file, up to a limit."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file, self._left, self._limit = gzip.GzipFile(fileobj=file), limit, limit

    def readable(self) -> bool:
        """Tell that this is a stream to read from."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        """Unpack into a buffer.

        :raises _TooLargeError: beyond the limit.
        """
        data = self._file.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise _TooLargeError(self._limit)
        buffer[: len(data)] = data
        return len(data)


class _TooLargeError(Exception):
    """A compressed file holds more than the limit."""


@contextmanager
def _opened(path: Path) -> Iterator[io.TextIOWrapper]:
    """Open a text file and turn whatever goes wrong with its bytes into one line."""
    try:
        with path.open("rb") as packed:
            file: io.BufferedReader = packed
            if file.peek(2).startswith(_GZIP):
                limit = max(MAX_UNPACKED, MAX_RATIO * os.fstat(packed.fileno()).st_size)
                file = io.BufferedReader(_Unpacked(packed, limit))
            start = file.peek(4)
            encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
            # Wrong bytes become halves of surrogate pairs, so that the line they are in can be named.
            errors = "surrogateescape" if encoding == "utf-8" else "surrogatepass"
            yield io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
    except FileNotFoundError as error:
        raise InputError(f"{path}: cannot be read (no such file); check the path") from error
    except IsADirectoryError as error:
        raise InputError(f"{path}: cannot be read (it is a folder); name a file in it") from error
    except _TooLargeError as error:
        raise InputError(
            f"{path}: unpacks to more than {int(str(error)) // 2**20:,} MiB; if it really is that large, "
            "unpack it first"
        ) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: is not a whole gzip file; compress or download it again") from error
    except UnicodeError as error:
        raise InputError(f"{path}: ends inside a character or {_NO_TEXT}") from error
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror or error}); check its permissions"
        ) from error


def _raw_lines(path: Path, max_line: int) -> Iterator[tuple[int, str]]:
    """Read all lines with their ends; a byte-order mark is dropped at the start of any line."""
    with _opened(path) as file:
        number = 0
        while line := file.readline(max_line + 1):
            number += 1
            if len(line) > max_line:
                raise InputError(f"{path}, line {number}: is longer than {max_line:,} characters; divide it")
            if not _is_clean(line):
                raise InputError(f"{path}, line {number}: {_NO_TEXT}")
            # Files that were put together from several have marks in the middle.
            yield number, line.lstrip(_MARK)


def _is_clean(text: str) -> bool:
    """Tell whether this is text: no NUL, of which UTF-16 without a mark is full, and no half characters."""
    if "\0" in text:
        return False
    try:
        return text.isascii() or bool(text.encode("utf-8"))
    except UnicodeEncodeError:
        return False


def _parse(text: str, where: str) -> Any:  # noqa: ANN401 - whatever the text holds
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{where}: is not JSON ({error.msg} at column {error.colno}); correct or remove it"
        ) from error
    except _RepeatedKeyError as error:
        raise InputError(f"{where}: has the key {str(error)!r} twice; keep one of them") from error
    except (RecursionError, ValueError) as error:
        raise InputError(f"{where}: is nested too deeply or holds too long a number; simplify it") from error


class _RepeatedKeyError(Exception):
    """A JSON object has a key twice."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(next(name for name in names if names.count(name) > 1))
    return made
