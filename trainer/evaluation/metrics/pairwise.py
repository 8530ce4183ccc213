"""p-MRR of FollowIR, and its mirror image. Needs nothing but NumPy; see ``ranks.py``."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

# Relative, so that the same two files work inside the metric Space.
from .ranks import Run, mean_over_queries, ranks_of, scores_of


def rank_change(rank_original: np.ndarray | int, rank_changed: np.ndarray | int) -> np.ndarray:
    """Score documents that lost their relevance, each in (-1, 1); FollowIR, arXiv 2403.15246, eq. 1.

    Positive where a document fell. Rank 4 → 1 gives -0.75, rank 1 → 4 gives 0.75: it is antisymmetric.

    :param rank_original: 1-based ranks under the original instruction.
    :param rank_changed: 1-based ranks under the changed one.
    """
    before, after = np.asarray(rank_original, dtype=float), np.asarray(rank_changed, dtype=float)
    return np.where(before >= after, after / before - 1, 1 - before / after)


def p_mrr_by_query(
    original: Run, changed: Run, changed_docs: Mapping[str, Collection[str]]
) -> dict[str, float]:
    """Pairwise MRR of each query: the mean of :func:`rank_change` over the documents that lost relevance.

    :param original: scores under query + original instruction.
    :param changed: scores of the same candidates under query + changed instruction.
    :param changed_docs: per query, the documents that lost their relevance; a query without any is left out,
        as mteb does. A document that a ranking lacks has the rank after its last.
    :raises MissingQueryError: if a query of ``changed_docs`` is absent from either run. mteb leaves it out.
    """
    values = {}
    for query_id, docids in changed_docs.items():
        before = scores_of(original, query_id, "original run")
        after = scores_of(changed, query_id, "changed run")
        if docids:
            named = list(docids)
            values[query_id] = float(rank_change(ranks_of(before, named), ranks_of(after, named)).mean())
    return values


def p_mrr(original: Run, changed: Run, changed_docs: Mapping[str, Collection[str]]) -> float:
    """Pairwise MRR of FollowIR, as a fraction in (-1, 1): the mean of :func:`p_mrr_by_query`.

    :raises MissingQueryError: if a query of ``changed_docs`` is absent from either run.
    :raises MetricError: if no query has a changed document.
    """
    return mean_over_queries(p_mrr_by_query(original, changed, changed_docs))


def p_mrr_gained_by_query(
    original: Run, changed: Run, gained_docs: Mapping[str, Collection[str]]
) -> dict[str, float]:
    """The mirror image of p-MRR on documents that *gained* relevance: positive where they rose.

    It is no p-MRR: never average the two, and never report this one under that name.

    :param gained_docs: per query, the documents that gained relevance.
    :raises MissingQueryError: see :func:`p_mrr_by_query`.
    """
    return p_mrr_by_query(changed, original, gained_docs)
