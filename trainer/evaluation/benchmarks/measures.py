"""Figures of each kind of benchmark, for local folders and mteb's tasks alike."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

from dualview.trainer.evaluation.metrics import (
    Qrels,
    Run,
    changed_documents,
    mrr_by_query,
    ndcg_by_query,
    p_mrr_by_query,
    p_mrr_gained_by_query,
    robustness_by_query,
    trec_by_query,
)


def retrieval_figures(run: Run, qrels: Qrels) -> dict[str, dict[str, float]]:
    """Measure plain retrieval: nDCG@10, and the rest where ``pytrec_eval`` is installed."""
    if importlib.util.find_spec("pytrec_eval") is None:
        return {"ndcg_at_10": ndcg_by_query(run, qrels)}
    measured = trec_by_query(run, qrels, ("ndcg_at_10", "map_at_1000", "recall_at_100"))
    return {**measured, "mrr_at_10": mrr_by_query(run, qrels)}


def followir_figures(
    original: Run, changed: Run, before: Qrels, after: Qrels, measure: str
) -> dict[str, dict[str, float]]:
    """Measure as FollowIR does: p-MRR, its mirror, and the figure that its Score averages.

    :param before: judgements under the original instruction; ``after`` under the changed one.
    :param measure: of the original view, where ``pytrec_eval`` is installed.
    """
    lost, gained = changed_documents(before, after)
    figures = {
        "p_mrr": p_mrr_by_query(original, changed, lost),
        "p_mrr_gained": p_mrr_gained_by_query(original, changed, gained),
    }
    if importlib.util.find_spec("pytrec_eval") is not None:
        figures |= trec_by_query(original, before, (measure,))
    return figures


def instructir_figures(
    run: Run, qrels: Qrels, instances: Mapping[str, list[str]]
) -> dict[str, dict[str, float]]:
    """Measure as InstructIR does: the mean and the lowest nDCG@10 over each query's instructions.

    :param qrels: judgements of each instance, which is a query with one of its instructions.
    :param instances: query id -> its instances. They depend on each other, and are resampled together.
    """
    ndcg = ndcg_by_query(run, qrels)
    means = {query_id: sum(ndcg[key] for key in keys) / len(keys) for query_id, keys in instances.items()}
    return {"ndcg_at_10": means, "robustness_at_10": robustness_by_query(ndcg, instances)}
