"""General retrieval figures: trec_eval's, through ``pytrec_eval`` (extra ``eval``), and nDCG without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dualview.trainer.evaluation.metrics.judgements import judgements_of
from dualview.trainer.evaluation.metrics.ranks import (
    Qrels,
    Run,
    Scores,
    check_scores,
    ranking,
    ranks_of,
    scores_of,
)

#: Our names of figures, and trec_eval's.
TREC_MEASURES = {
    "ndcg_at_5": "ndcg_cut.5",
    "ndcg_at_10": "ndcg_cut.10",
    "map_at_1000": "map_cut.1000",
    "recall_at_1": "recall.1",
    "recall_at_100": "recall.100",
}


def trec_by_query(run: Run, qrels: Qrels, measures: Sequence[str]) -> dict[str, dict[str, float]]:
    """Measure each judged query with trec_eval's own code.

    trec_eval holds scores in single precision: scores that differ by less are ties to it.

    :param measures: names of :data:`TREC_MEASURES`.
    :return: measure -> query id -> value, a fraction. A query without a relevant document has 0.
    :raises MissingQueryError: if a judged query is absent from the run; trec_eval leaves it out.
    :raises ImportError: without ``pytrec_eval``.
    """
    import pytrec_eval

    judged = judgements_of(qrels)
    ranked = {query_id: dict(scores_of(run, query_id)) for query_id in judged}
    for scores in ranked.values():
        check_scores(scores)  # trec_eval takes NaN for a number
    names = {measure: TREC_MEASURES[measure] for measure in measures}
    found = pytrec_eval.RelevanceEvaluator(judged, set(names.values())).evaluate(ranked)
    # A query for which nothing was retrieved is absent from what it returns.
    return {
        measure: {query_id: found.get(query_id, {}).get(name.replace(".", "_"), 0.0) for query_id in judged}
        for measure, name in names.items()
    }


def mrr_by_query(run: Run, qrels: Qrels, k: int = 10) -> dict[str, float]:
    """Reciprocal rank of the first relevant document among the first k, 0 without one.

    trec_eval's ``recip_rank`` knows no cut, so this is computed here, as mteb does.

    :raises MissingQueryError: if a judged query is absent from the run.
    """
    return {
        query_id: first_reciprocal_rank(
            scores_of(run, query_id), [docid for docid, label in labels.items() if label > 0], k
        )
        for query_id, labels in judgements_of(qrels).items()
    }


def first_reciprocal_rank(scores: Scores, wanted: Sequence[str], k: int = 10) -> float:
    """Reciprocal rank of the best of some documents among the first k, 0 if none is among them."""
    found = [docid for docid in wanted if docid in scores]
    best = ranks_of(scores, found).min(initial=k + 1)
    return 1 / float(best) if best <= k else 0.0


def ndcg_by_query(run: Run, qrels: Qrels, k: int = 10) -> dict[str, float]:
    """nDCG@k of each judged query, without ``pytrec_eval``.

    :raises MissingQueryError: if a judged query is absent from the run.
    """
    return {
        query_id: ndcg(ranking(scores_of(run, query_id)), labels, k)
        for query_id, labels in judgements_of(qrels).items()
    }


def ndcg(ranked: Sequence[str], labels: Mapping[str, int], k: int = 10) -> float:
    """nDCG@k with linear gain and log2 discount, as trec_eval's ndcg_cut; 0 without a relevant document.

    :param ranked: document ids from best to worst.
    :param labels: document id -> label; below zero counts as zero.
    """
    discounts = 1 / np.log2(np.arange(2, k + 2))
    gains = np.array([max(labels.get(docid, 0), 0) for docid in ranked[:k]], dtype=float)
    best = np.array(sorted((label for label in labels.values() if label > 0), reverse=True)[:k], dtype=float)
    ideal = best @ discounts[: len(best)]
    return float(gains @ discounts[: len(gains)] / ideal) if ideal else 0.0
