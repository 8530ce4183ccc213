"""InstructIR's Robustness: the lowest nDCG@10 over the instructions of a query."""

from __future__ import annotations

from collections.abc import Mapping

from dualview.trainer.evaluation.metrics.ranks import MetricError, MissingQueryError


def robustness_by_query(ndcg: Mapping[str, float], instances: Mapping[str, list[str]]) -> dict[str, float]:
    """Minimum nDCG@10 over the instructions of each query (arXiv 2402.14334); average it over queries.

    :param ndcg: nDCG@10 of each instance, which is a query with one of its instructions.
    :param instances: query id -> its instances, at least one.
    :raises MissingQueryError: if an instance has no figure.
    :raises MetricError: if a query has no instance.
    """
    values = {}
    for query_id, keys in instances.items():
        if not keys:
            raise MetricError(f"query {query_id!r} has no instance; name at least one")
        for key in keys:
            if key not in ndcg:
                raise MissingQueryError(f"instance {key!r} of query {query_id!r} has no nDCG@10")
        values[query_id] = min(ndcg[key] for key in keys)
    return values
