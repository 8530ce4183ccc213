"""ExcluIR's figures (arXiv 2404.17288), for queries that exclude something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dualview.trainer.evaluation.metrics.ranks import Run, ranks_of, scores_of
from dualview.trainer.evaluation.metrics.retrieval import first_reciprocal_rank

DEPTH = 10


@dataclass(frozen=True)
class Exclusion:
    """The document that a query wants, and the one that it excludes."""

    wanted: str
    excluded: str


def exclusion_by_query(run: Run, queries: Mapping[str, Exclusion]) -> dict[str, dict[str, float]]:
    """Measure each query.

    :return: figure -> query id -> value, as fractions: ``recall_at_1`` and ``mrr_at_10`` of the wanted
        document; ``recall_at_1_gap`` and ``mrr_at_10_gap``, the same minus the excluded one's;
        ``right_rank``, 1 if the wanted one is above the excluded one in the top 10, or alone there.
    :raises MissingQueryError: if a query is absent from the run.
    """
    figures: dict[str, dict[str, float]] = {}
    for query_id, documents in queries.items():
        scores = scores_of(run, query_id)
        for name, value in _figures(scores, documents).items():
            figures.setdefault(name, {})[query_id] = value
    return figures


def _figures(scores: Mapping[str, float], documents: Exclusion) -> dict[str, float]:
    pair = (documents.wanted, documents.excluded)
    wanted, excluded = ranks_of(scores, pair).tolist()
    first = [
        float(docid in scores and rank == 1) for docid, rank in zip(pair, (wanted, excluded), strict=True)
    ]
    reciprocal = [first_reciprocal_rank(scores, [docid], DEPTH) for docid in pair]
    return {
        "recall_at_1": first[0],
        "mrr_at_10": reciprocal[0],
        "recall_at_1_gap": first[0] - first[1],
        "mrr_at_10_gap": reciprocal[0] - reciprocal[1],
        "right_rank": float(documents.wanted in scores and wanted <= DEPTH and wanted < excluded),
    }
