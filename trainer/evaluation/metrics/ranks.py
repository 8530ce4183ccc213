"""Ranks of documents in runs, and the errors of all metrics.

Ranks are 1-based. Ties are broken as trec_eval and mteb >= 2.20 do: higher score first, then document id
descending, as strings; never by input order. A document that a ranking lacks has the rank after its last.

This file and ``pairwise.py`` need nothing but NumPy: the metric Space ``spaces/p_mrr`` carries both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

#: Document id -> score, for one query.
Scores = Mapping[str, float]
#: Query id -> document id -> score.
Run = Mapping[str, Scores]
#: Query id -> document id -> label; relevant where it is above zero.
Qrels = Mapping[str, Mapping[str, int]]


class MetricError(ValueError):
    """Runs and judgements do not fit together."""


class MissingQueryError(MetricError):
    """A query that is to be measured has no ranking: an error, because to skip it would change the mean."""


class InvalidScoreError(MetricError):
    """A score is not a number, so that its document has no place in the ranking."""


def scores_of(run: Run, query_id: str, name: str = "run") -> Scores:
    """Take a query's scores out of a run.

    :param name: what to call the run in the error.
    :raises MissingQueryError: if the run lacks the query.
    """
    try:
        return run[query_id]
    except KeyError:
        raise MissingQueryError(f"query {query_id!r} is missing from the {name}; rank every query") from None


def ranking(scores: Scores) -> list[str]:
    """Order document ids from best to worst."""
    return sorted(scores, key=lambda docid: (scores[docid], docid), reverse=True)


def ranks_of(scores: Scores, docids: Sequence[str]) -> np.ndarray:
    """Find the 1-based ranks of some documents without ordering the others.

    :return: (documents,) integers; a document without a score has rank ``len(scores) + 1``.
    :raises InvalidScoreError: if a score is NaN.
    """
    values = np.fromiter(scores.values(), dtype=float, count=len(scores))
    ordered = np.sort(values)
    if len(ordered) and np.isnan(ordered[-1]):  # NaN sorts last
        broken = next(docid for docid, score in scores.items() if np.isnan(score))
        raise InvalidScoreError(f"the score of document {broken!r} is not a number; mend the run")
    places = [place for place, docid in enumerate(docids) if docid in scores]
    wanted = np.array([scores[docids[place]] for place in places], dtype=float)
    first_equal = np.searchsorted(ordered, wanted, side="left")
    above = np.searchsorted(ordered, wanted, side="right")
    ranks = np.full(len(docids), len(scores) + 1)
    ranks[places] = 1 + len(scores) - above
    tied = np.flatnonzero(above - first_equal > 1)
    if len(tied):
        names = list(scores)
        for index in tied:
            docid = docids[places[index]]
            equal = np.flatnonzero(values == wanted[index])
            ranks[places[index]] += sum(names[other] > docid for other in equal)
    return ranks


def mean_over_queries(values: Mapping[str, float]) -> float:
    """Average a figure over its queries.

    :raises MetricError: if there are none.
    """
    if not values:
        raise MetricError("there is no query to average over")
    return float(np.mean(list(values.values())))
