"""Reading runs and changed documents that were pasted into the page."""

from __future__ import annotations

import math


class PasteError(ValueError):
    """What was pasted cannot be read; the message names the box and the line."""


def parse_run(text: str, name: str) -> dict[str, dict[str, float]]:
    """Read a run: ``query-id Q0 document-id rank score name`` or ``query-id document-id score`` a line.

    :param name: of the box, for errors.
    :raises PasteError: for a line of another form, a document twice, or a score that is no number.
    """
    run: dict[str, dict[str, float]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        cells = line.split()
        if not cells:
            continue
        if len(cells) not in (3, 6):
            raise PasteError(
                f"{name}, line {number}: has {len(cells)} fields; a line is "
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
            raise PasteError(f"{name}, line {number}: document {docid!r} is there twice for {query!r}")
        run[query][docid] = value
    if not run:
        raise PasteError(f"{name}: is empty; paste a run")
    return run


def parse_changed(text: str) -> dict[str, list[str]]:
    """Read which documents lost their relevance: ``query-id document-id`` a line.

    :raises PasteError: for a line of another form, or if there is none.
    """
    changed: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        cells = line.split()
        if not cells:
            continue
        if len(cells) != 2:
            raise PasteError(f"changed documents, line {number}: a line is 'query document'")
        if cells[1] not in changed.setdefault(cells[0], []):
            changed[cells[0]].append(cells[1])
    if not changed:
        raise PasteError("changed documents: is empty; paste one 'query document' a line")
    return changed
