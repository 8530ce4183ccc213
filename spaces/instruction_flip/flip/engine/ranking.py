"""Rankings, p-MRR and paired accuracy.

Ranks are 1-based. Ties are broken as in mteb >= 2.20 and trec_eval: higher score first, then the higher
document id (as a string), never by input order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from flip.types import View

#: Ranks shown on the page without a click.
TOP = 10


@dataclass(frozen=True)
class Ranking:
    """Document ids from best to worst, and their cosine similarities in the same order."""

    docids: tuple[str, ...]
    scores: tuple[float, ...]

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {docid: place for place, docid in enumerate(self.docids, 1)}

    def rank_of(self, docid: str) -> int:
        """Return the 1-based rank; a missing document has rank len + 1, as in mteb's p-MRR."""
        return self._ranks.get(docid, len(self.docids) + 1)


def rank(query: np.ndarray, passages: np.ndarray, docids: Sequence[str]) -> Ranking:
    """Rank passages by the dot product of unit vectors.

    :param query: shape ``(dim,)``.
    :param passages: shape ``(len(docids), dim)``, one row per document.
    """
    scored = zip((float(score) for score in passages @ query), docids, strict=True)
    ordered = sorted(scored, reverse=True)
    return Ranking(tuple(docid for _, docid in ordered), tuple(score for score, _ in ordered))


def p_mrr_of_ranks(original: int, changed: int) -> float:
    """Compute p-MRR of one document that lost its relevance (FollowIR, arXiv 2403.15246, eq. 1).

    :return: a fraction in (-1, 1); 1 -> 4 gives 0.75, 4 -> 1 gives -0.75.
    """
    if original >= changed:
        return changed / original - 1
    return 1 - original / changed


def p_mrr(rankings: Sequence[Ranking], views: Sequence[View]) -> float | None:
    """Compute p-MRR of a candidate set: the mean over the changes from the original view to each other.

    In every change, the relevant document of the original view is the one that loses its relevance.

    :param rankings: one per view, in the order of ``views``; the first is the original view.
    :return: a fraction, or None if a view is unlabelled.
    """
    lost = views[0].wanted
    if lost is None or any(view.wanted is None for view in views):
        return None
    before = rankings[0].rank_of(lost)
    steps = [p_mrr_of_ranks(before, ranking.rank_of(lost)) for ranking in rankings[1:]]
    return sum(steps) / len(steps)


def views_right(rankings: Sequence[Ranking], views: Sequence[View]) -> tuple[bool, ...] | None:
    """Check for each view that its relevant passage is at rank 1.

    :return: None if a view is unlabelled.
    """
    if any(view.wanted is None for view in views):
        return None
    return tuple(ranking.docids[0] == view.wanted for ranking, view in zip(rankings, views, strict=True))


def moves(before: Ranking, after: Ranking) -> dict[str, int]:
    """Return the rank change of each document: positive if it rose, negative if it fell."""
    return {docid: before.rank_of(docid) - place for place, docid in enumerate(after.docids, 1)}
