"""Best documents of a corpus for many queries, block by block, with the tie rule of all metrics."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def best_of_row(docids: np.ndarray, scores: np.ndarray, depth: int) -> dict[str, float]:
    """Take the best documents of one row of scores.

    :param docids: (documents,) strings, in any order.
    :param scores: (documents,)
    """
    if len(scores) > depth:
        # All that could be among the first, ties at the last place included.
        near = np.flatnonzero(scores >= np.partition(scores, -depth)[-depth])
        docids, scores = docids[near], scores[near]
    pairs = sorted(zip(scores.tolist(), docids.tolist(), strict=True), reverse=True)[:depth]
    return {docid: score for score, docid in pairs}


def best_of_blocks(
    blocks: Iterable[tuple[np.ndarray, np.ndarray]], queries: int, depth: int
) -> list[dict[str, float]]:
    """Take the best documents of scores that come in blocks of documents; no more than one block is held.

    :param blocks: pairs of document ids, (documents,) strings, and scores, (queries, documents).
    """
    best: list[dict[str, float]] = [{} for _ in range(queries)]
    for docids, scores in blocks:
        for place, row in enumerate(scores):
            found = best_of_row(docids, row, depth)
            if best[place]:
                joined = {**best[place], **found}
                names, values = np.array(list(joined), dtype=object), np.array(list(joined.values()))
                found = best_of_row(names, values, depth)
            best[place] = found
    return best
