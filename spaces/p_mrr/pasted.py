"""Parsers for runs and changed documents pasted into the page."""

from __future__ import annotations

import math


class PasteError(ValueError):
    """Pasted text that cannot be parsed; the message names the text box and the line."""


def parse_run(text: str, name: str) -> dict[str, dict[str, float]]:
    """Parse a run with ``query-id Q0 document-id rank score name`` or ``query-id document-id score`` lines.

    :param name: name of the text box in error messages.
    :raises PasteError: for a malformed line, a duplicate document, or a score that is not a number.
    """
    run: dict[str, dict[str, float]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        cells = line.split()
        if not cells:
            continue
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
    for number, line in enumerate(text.splitlines(), start=1):
        cells = line.split()
        if not cells:
            continue
        if len(cells) != 2:
            raise PasteError(f"changed documents, line {number}: expected 'query document'")
        if cells[1] not in changed.setdefault(cells[0], []):
            changed[cells[0]].append(cells[1])
    if not changed:
        raise PasteError("changed documents: is empty; paste one 'query document' per line")
    return changed
