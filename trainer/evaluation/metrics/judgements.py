"""Checks of judgements."""

from __future__ import annotations

from collections.abc import Mapping

from dualview.trainer.evaluation.metrics.ranks import MetricError, Qrels

_FORM = "judgements map query id -> document id -> whole number"


def judgements_of(qrels: Qrels) -> dict[str, dict[str, int]]:
    """Check judgements, and turn labels such as 1.0 into whole numbers.

    :raises MetricError: if they do not map query id -> document id -> whole number.
    """
    if not isinstance(qrels, Mapping):
        raise MetricError(f"the judgements are a {type(qrels).__name__}; {_FORM}")
    return {query_id: _labels(query_id, labels) for query_id, labels in qrels.items()}


def _labels(query_id: str, labels: object) -> dict[str, int]:
    if not isinstance(labels, Mapping):
        raise MetricError(f"the judgements of query {query_id!r} are a {type(labels).__name__}; {_FORM}")
    try:
        found = {docid: int(label) for docid, label in labels.items()}
    except (TypeError, ValueError, OverflowError):
        found = {}
    if found != labels:
        wrong = next(docid for docid, label in labels.items() if found.get(docid) != label)
        raise MetricError(
            f"the label of document {wrong!r} for query {query_id!r} is {labels[wrong]!r}; {_FORM}"
        )
    return found
