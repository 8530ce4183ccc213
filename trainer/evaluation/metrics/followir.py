"""FollowIR's Score: retrieval under the original instructions, averaged over its three datasets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dualview.trainer.evaluation.metrics.ranks import MetricError, Qrels

#: What Score averages for each dataset, under the original instruction and judgements.
SCORE_MEASURES = {"Robust04": "map_at_1000", "News21": "ndcg_at_5", "Core17": "map_at_1000"}


def followir_score(figures: Mapping[str, float]) -> float:
    """Average the datasets' figures of :data:`SCORE_MEASURES`, as a fraction.

    mteb 1.x swapped the two sets of judgements: its Scores (about 20 to 26) cannot be compared with those of
    mteb 2.x (about 31 to 47), which this is.

    :param figures: Robust04's and Core17's MAP@1000, News21's nDCG@5.
    :raises MetricError: if a dataset is missing or unknown.
    """
    if wrong := sorted(set(figures) ^ set(SCORE_MEASURES)):
        raise MetricError(
            f"Score needs {', '.join(SCORE_MEASURES)}, once each; {wrong[0]!r} is missing or unknown"
        )
    return float(np.mean(list(figures.values())))


def changed_documents(original: Qrels, changed: Qrels) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Find the documents that lost and those that gained relevance when the instruction changed.

    A document that one of the two leaves unjudged counts as not relevant there.

    :return: query id -> document ids that lost it; the same for those that gained it.
    """
    lost, gained = {}, {}
    for query_id in original:
        before = {docid for docid, label in original[query_id].items() if label > 0}
        after = {docid for docid, label in changed.get(query_id, {}).items() if label > 0}
        lost[query_id], gained[query_id] = sorted(before - after), sorted(after - before)
    return lost, gained
