"""Passages from an uploaded .txt, .jsonl or .csv file; archives are rejected."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flip.text.inputs import MAX_PASSAGES, check_total, clean, split_passages
from flip.types import FlipError

#: Up to four bytes per character, plus the syntax of CSV and JSON.
MAX_FILE_BYTES = 5_000_000
SUFFIXES = (".txt", ".jsonl", ".csv")
_TEXT_FIELDS = ("text", "passage", "content", "contents", "body")
_TITLE_FIELDS = ("title", "heading", "headline")
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)
_BLANK_LINES = re.compile(r"\n\s*\n")


def read_passages(path: Path) -> list[str]:
    """Read the passages of a file, each with its title, if any, on the first line.

    :raises FlipError: if it is too large, not text, of an unknown type, malformed, or has too many passages.
    """
    readers: dict[str, Callable[[str, str], list[str]]] = {
        ".txt": _read_txt,
        ".jsonl": _read_jsonl,
        ".csv": _read_csv,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise FlipError(f"{path.name} has an unknown file type. Use one of {', '.join(SUFFIXES)}.")
    passages = reader(_read_text(path), path.name)
    if not passages:
        raise FlipError(f"{path.name} contains no passages.")
    if len(passages) > MAX_PASSAGES:
        raise FlipError(f"{path.name} has more than {MAX_PASSAGES} passages, the limit. Remove some.")
    check_total(sum(map(len, passages)))
    return passages


def join_passages(passages: list[str]) -> str:
    """Join passages for the form: with one blank line between them, and none inside."""
    return "\n\n".join(_BLANK_LINES.sub("\n", passage.strip()) for passage in passages)


def _read_text(path: Path) -> str:
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise FlipError(f"{path.name} has {size:,} bytes; the limit is {MAX_FILE_BYTES:,}. Split it.")
    data = path.read_bytes()
    if data.startswith(_ARCHIVES):
        raise FlipError(f"{path.name} is an archive. Unpack it and upload the text file.")
    if b"\0" in data:
        raise FlipError(f"{path.name} is not UTF-8 text. Save it as UTF-8 text and upload it again.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FlipError(f"{path.name}, line {line}: not UTF-8. Save the file as UTF-8 text.") from error


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
            row = json.loads(line)
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


def _read_csv(text: str, name: str) -> list[str]:
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) > MAX_PASSAGES + 1:
                break
    except csv.Error as error:
        raise FlipError(f"{name}, line {reader.line_num}: not CSV ({error}).") from error
    if not rows:
        return []
    names = [cell.strip().lower() for cell in rows[0]]
    if set(names) & set(_TEXT_FIELDS):
        found = [_from_row(dict(zip(names, row, strict=False))) for row in rows[1:]]
        return [passage for passage in found if passage]
    if all(len(row) == 1 for row in rows):
        return [passage for row in rows if (passage := clean(row[0]))]
    raise FlipError(f"{name}: needs a column {_TEXT_FIELDS[0]!r}, named in the first line.")


def _from_row(row: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """Return title and text of a row; None if it has no text."""
    if isinstance(row, str):
        return clean(row) or None
    if not isinstance(row, dict):
        return None
    text = next((row[name] for name in _TEXT_FIELDS if isinstance(row.get(name), str)), "")
    title = next((row[name] for name in _TITLE_FIELDS if isinstance(row.get(name), str)), "")
    text, title = clean(text), " ".join(clean(title).split())
    if not text:
        return None
    return f"{title}\n{text}" if title else text
