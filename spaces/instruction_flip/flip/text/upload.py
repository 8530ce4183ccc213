"""Passages from a .txt, .jsonl or .csv file; archives are rejected."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flip.text.decode import decode
from flip.text.inputs import MAX_PASSAGES, check_total, clean, split_passages
from flip.types import FlipError

#: Up to four bytes per character, plus the syntax of CSV and JSON.
MAX_FILE_BYTES = 5_000_000
SUFFIXES = (".txt", ".jsonl", ".csv")
_TEXT_FIELDS = ("text", "passage", "content", "contents", "body")
_TITLE_FIELDS = ("title", "heading", "headline")
_BLANK_LINES = re.compile(r"\n\s*\n")


def parse_passages(data: bytes, name: str) -> list[str]:
    """Take the passages out of a file, each with its title, if any, on the first line.

    :param name: the file's name; its ending says how the file is read.
    :raises FlipError: if it is too large, not text, of an unknown type, malformed, or has too many passages.
    """
    readers: dict[str, Callable[[str, str], list[str]]] = {
        ".txt": _read_txt,
        ".jsonl": _read_jsonl,
        ".csv": _read_csv,
    }
    reader = readers.get(Path(name).suffix.lower())
    if reader is None:
        raise FlipError(f"{name} has an unknown file type. Use one of {', '.join(SUFFIXES)}.")
    check_size(len(data), name)
    passages = reader(decode(data, name), name)
    if not passages:
        raise FlipError(f"{name} contains no passages.")
    if len(passages) > MAX_PASSAGES:
        raise FlipError(f"{name} has more than {MAX_PASSAGES} passages, the limit. Remove some.")
    check_total(sum(map(len, passages)))
    return passages


def check_size(size: int, name: str) -> None:
    """Check the size of a file.

    :raises FlipError: if it has more than ``MAX_FILE_BYTES`` bytes.
    """
    if size > MAX_FILE_BYTES:
        raise FlipError(f"{name} has {size:,} bytes; the limit is {MAX_FILE_BYTES:,}. Split it.")


def join_passages(passages: list[str]) -> str:
    """Join passages for the form: with one blank line between them, and none inside."""
    return "\n\n".join(_BLANK_LINES.sub("\n", passage.strip()) for passage in passages)


def _read_txt(text: str, name: str) -> list[str]:
    return split_passages(text)


def _read_jsonl(text: str, name: str) -> list[str]:
    passages: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        # Stop early in a file that is far too long.
        if len(passages) > MAX_PASSAGES:
            break
        try:
            row = json.loads(line, object_pairs_hook=_without_duplicates)
        except FlipError as error:
            raise FlipError(f"{name}, line {number}: {error}") from error
        except (ValueError, RecursionError) as error:
            raise FlipError(f"{name}, line {number}: not JSON. Put one JSON value on each line.") from error
        passage = _from_row(row)
        if passage is None:
            raise FlipError(
                f"{name}, line {number}: needs a string, or an object with the string field "
                f"{_TEXT_FIELDS[0]!r} and, optionally, {_TITLE_FIELDS[0]!r}."
            )
        passages.append(passage)
    return passages


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise FlipError("names a field twice. Remove one of the two.")
    return row


def _read_csv(text: str, name: str) -> list[str]:
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    #: Each row with the number of its last line.
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num, row))
            if len(rows) > MAX_PASSAGES + 1:
                break
    except csv.Error as error:
        raise FlipError(f"{name}, line {reader.line_num}: not CSV ({error}).") from error
    if not rows:
        return []
    heading = [cell.strip().lower() for cell in rows[0][1]]
    if set(heading) & set(_TEXT_FIELDS):
        _check_heading(heading, name)
        return [_from_cells(heading, row, f"{name}, line {line}") for line, row in rows[1:]]
    if all(len(row) == 1 for _, row in rows):
        return [passage for _, row in rows if (passage := clean(row[0]))]
    raise FlipError(f"{name}: needs a column {_TEXT_FIELDS[0]!r}, named in the first line.")


def _check_heading(heading: list[str], name: str) -> None:
    twice = [cell for cell in heading if cell in _TEXT_FIELDS + _TITLE_FIELDS and heading.count(cell) > 1]
    if twice:
        raise FlipError(f"{name}: the first line names the column {twice[0]!r} twice. Rename one of the two.")


def _from_cells(heading: list[str], cells: list[str], where: str) -> str:
    """Return title and text of a row; cells beyond the heading may only be empty.

    :raises FlipError: if the row has more cells than the heading, or no text.
    """
    if any(cell.strip() for cell in cells[len(heading) :]):
        raise FlipError(
            f"{where}: has {len(cells)} cells, but the first line names {len(heading)}. "
            "Put a text that contains the separator in double quotes."
        )
    passage = _from_row(dict(zip(heading, cells, strict=False)))
    if passage is None:
        raise FlipError(f"{where}: has no text. Fill the column {_TEXT_FIELDS[0]!r}, or remove the row.")
    return passage


def _from_row(row: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """Return title and text of a row; None if it has no text, or a title that is no text."""
    if isinstance(row, str):
        return clean(row) or None
    if not isinstance(row, dict):
        return None
    text = next((row[name] for name in _TEXT_FIELDS if isinstance(row.get(name), str)), "")
    title = next((row[name] for name in _TITLE_FIELDS if row.get(name) is not None), "")
    if not isinstance(title, str):
        return None
    text, title = clean(text), " ".join(clean(title).split())
    if not text:
        return None
    return f"{title}\n{text}" if title else text
