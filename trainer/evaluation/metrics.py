"""Figures of one query or one candidate set. All are fractions; ranks are 1-based.

Ties are broken as trec_eval and mteb >= 2.20 do: higher score first, then document id descending, as strings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

Scores = Mapping[str, float]


class MissingDocumentError(ValueError):
    """A document that a figure needs was not scored."""


def ranking(scores: Scores) -> list[str]:
    """Order document ids from best to worst."""
    return sorted(sorted(scores, reverse=True), key=lambda docid: -scores[docid])


def ranks(scores: Scores) -> dict[str, int]:
    """Give each document its 1-based rank."""
    return {docid: place for place, docid in enumerate(ranking(scores), start=1)}


def view_is_right(scores: Scores, positive: str, rivals: Collection[str]) -> bool:
    """Say whether a view ranks its positive above every rival; ties are broken as everywhere.

    :raises MissingDocumentError: if the positive or a rival has no score.
    """
    needed = {positive, *rivals}
    if missing := sorted(needed - scores.keys()):
        raise MissingDocumentError(f"no score for document {missing[0]!r}")
    return ranking({docid: scores[docid] for docid in needed})[0] == positive


def rank_change(rank_original: int, rank_changed: int) -> float:
    """Score a document that lost its relevance, in (-1, 1); FollowIR, arXiv 2403.15246, eq. 1.

    Positive where the document fell. Rank 4 → 1 gives -0.75, rank 1 → 4 gives 0.75.
    """
    if rank_original >= rank_changed:
        return rank_changed / rank_original - 1
    return 1 - rank_original / rank_changed


def p_mrr(original: Scores, changed: Scores, changed_docs: Sequence[str]) -> float:
    """Pairwise MRR of one query, in (-1, 1): the mean of :func:`rank_change` over the changed documents.

    For the mirror image on documents that gained relevance, swap the two runs; never mix the two figures.

    :param original: document id -> score, under query + original instruction.
    :param changed: the same candidates, under query + changed instruction.
    :param changed_docs: the documents that lost their relevance; one absent from a run has rank len + 1.
    """
    before, after = ranks(original), ranks(changed)
    changes = [
        rank_change(before.get(d, len(before) + 1), after.get(d, len(after) + 1)) for d in changed_docs
    ]
    return float(np.mean(changes))


def ndcg(ranked: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """nDCG@k with binary relevance (log2 discount), as trec_eval's ndcg_cut.

    :param ranked: document ids from best to worst.
    :param relevant: ids of the relevant documents; at least one.
    """
    discounts = 1 / np.log2(np.arange(2, k + 2))
    gains = np.array([docid in relevant for docid in ranked[:k]], dtype=float)
    ideal = discounts[: min(k, len(relevant))].sum()
    return float(gains @ discounts[: len(gains)] / ideal)
