"""Parsers for runs and changed documents pasted into the page."""

from __future__ import annotations

import math
from collections.abc import Iterator

#: Characters of one text box; a run of 1,000 queries with 100 documents each is about half of it.
MAX_CHARS = 10_000_000


class PasteError(ValueError):
    """Pasted text that cannot be parsed; the message names the text box and the line."""


def _lines(text: object, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the fields of each line that is not blank, without byte-order marks.

    :raises PasteError: if it is no text, too long, or text of UTF-16 that was read as something else.
    """
    if not isinstance(text, str):
        raise PasteError(f"{name}: must be text, one line per document")
    if len(text) > MAX_CHARS:
        raise PasteError(f"{name}: has {len(text):,} characters; the limit is {MAX_CHARS:,}")
    if "\0" in text:
        raise PasteError(f"{name}: has null characters, like UTF-16 read as UTF-8; save the file as UTF-8")
    # Files that were joined have a mark at the start of each.
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    for number, line in enumerate(plain.split("\n"), start=1):
        if cells := line.split():
            yield number, cells


def parse_run(text: str, name: str) -> dict[str, dict[str, float]]:
    """Parse a run with ``query-id Q0 document-id rank score name`` or ``query-id document-id score`` lines.

    :param name: name of the text box in error messages.
    :raises PasteError: for a malformed line, a duplicate document, or a score that is not a number.
    """
    run: dict[str, dict[str, float]] = {}
    for number, cells in _lines(text, name):
        if len(cells) not in (3, 6):
            raise PasteError(
                f"{name}, line {number}: has {len(cells)} fields; expected "
                "'query Q0 document rank score name' or 'query document score'"
            )
        query, docid, score = (cells[0], cells[2], cells[4]) if len(cells) == 6 else cells
        try:
            value = float(score)
        except ValueError:
            value = math.nan
        if math.isnan(value):
            raise PasteError(f"{name}, line {number}: the score {score!r} is not a number")
        if docid in run.setdefault(query, {}):
            raise PasteError(f"{name}, line {number}: document {docid!r} occurs twice for {query!r}")
        run[query][docid] = value
    if not run:
        raise PasteError(f"{name}: is empty; paste a run")
    return run


def parse_changed(text: str) -> dict[str, list[str]]:
    """Parse the documents that lost their relevance, one ``query-id document-id`` per line.

    :raises PasteError: for a malformed line, or if there is none.
    """
    changed: dict[str, list[str]] = {}
    for number, cells in _lines(text, "changed documents"):
        if len(cells) != 2:
            raise PasteError(f"changed documents, line {number}: expected 'query document'")
        if cells[1] not in changed.setdefault(cells[0], []):
            changed[cells[0]].append(cells[1])
    if not changed:
        raise PasteError("changed documents: is empty; paste one 'query document' per line")
    return changed
