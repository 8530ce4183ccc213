"""Ranks of documents in runs, p-MRR, and the errors of all metrics.

Ranks are 1-based. Ties are broken as trec_eval and mteb >= 2.20 do: higher score first, then document id
descending, as strings; never by input order. A document that a ranking lacks has the rank after its last.

This file needs nothing but NumPy: the metric Space ``spaces/p_mrr`` carries it as it is.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import NoReturn

import numpy as np

# Up to so many documents are counted one by one; for more, sorting is faster.
_FEW = 8

#: Document id -> score, for one query.
Scores = Mapping[str, float]
#: Query id -> document id -> score.
Run = Mapping[str, Scores]
#: Query id -> document id -> label; relevant where it is above zero.
Qrels = Mapping[str, Mapping[str, int]]


class ArrayScores(dict[str, float]):
    """Scores that came in an array, as an encoder gives them, so that ranking needs no second one."""

    def __init__(self, docids: Sequence[str], values: np.ndarray) -> None:
        """Hold both.

        :param values: (documents,), the score of each document id.
        """
        array = np.array(values, dtype=float)
        super().__init__(zip(docids, array.tolist(), strict=True))
        #: The scores in the order of the keys; None where a document came twice.
        self.array = array if len(self) == len(array) else None

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("these scores are also in an array and cannot be changed; copy them with dict()")

    __setitem__ = __delitem__ = __ior__ = _refuse
    update = pop = popitem = setdefault = clear = _refuse


class MetricError(ValueError):
    """Runs and judgements do not fit together."""


class MissingQueryError(MetricError):
    """A query that is measured has no ranking: an error, because leaving it out would change the mean."""


class InvalidScoreError(MetricError):
    """A score is not a number, so that its document has no place in the ranking."""


def scores_of(run: Run, query_id: str, name: str = "run") -> Scores:
    """Take a query's scores out of a run.

    :param name: the name of the run in the error.
    :raises MissingQueryError: if the run lacks the query.
    :raises MetricError: if run or scores are no mappings.
    """
    if not isinstance(run, Mapping):
        raise MetricError(
            f"the {name} is a {type(run).__name__}; it must map query id -> document id -> score"
        )
    if query_id not in run:
        raise MissingQueryError(f"query {query_id!r} is missing from the {name}; rank every query")
    scores = run[query_id]
    if not isinstance(scores, Mapping):
        raise MetricError(
            f"the scores of query {query_id!r} in the {name} are a {type(scores).__name__}; they must map "
            "document id -> score"
        )
    return scores


def documents_of(named: Collection[str], query_id: str) -> list[str]:
    """Check a collection of document ids.

    :raises MetricError: if it is a single string, whose letters would be taken for ids.
    """
    if isinstance(named, (str, bytes)):
        raise MetricError(f"the documents of query {query_id!r} are the string {named!r}; give a list of ids")
    return list(named)


def check_ranked(scores: Scores, query_id: str, name: str) -> None:
    """Check that a ranking holds something: in an empty one, every document would have the first rank.

    :raises MetricError: if it is empty.
    """
    if not scores:
        raise MetricError(f"the ranking of query {query_id!r} in the {name} is empty; rank its documents")


def check_scores(scores: Scores) -> None:
    """Check that every document has a place.

    :raises InvalidScoreError: if a score is NaN.
    """
    _check_numbers(scores, _values(scores))


def ranking(scores: Scores) -> list[str]:
    """Order document ids from best to worst.

    :raises InvalidScoreError: if a score is NaN.
    """
    check_scores(scores)
    return sorted(scores, key=lambda docid: (scores[docid], docid), reverse=True)


def ranks_of(scores: Scores, docids: Sequence[str]) -> np.ndarray:
    """Find the 1-based ranks of some documents without ordering the others.

    :return: (documents,) integers; a document without a score has rank ``len(scores) + 1``.
    :raises InvalidScoreError: if a score is NaN.
    """
    return np.array(_ranks(scores, docids), dtype=np.int64)


def _ranks(scores: Scores, docids: Sequence[str]) -> list[int]:
    values = _values(scores)
    if len(docids) > _FEW:
        return _ranks_by_sorting(scores, values, docids)
    return [_rank_by_counting(scores, values, docid) for docid in docids]


def _values(scores: Scores) -> np.ndarray:
    if isinstance(scores, ArrayScores) and scores.array is not None:
        return scores.array
    # Packing is the fastest way from a dictionary to an array, which takes most of the time.
    try:
        return np.frombuffer(_packer(len(scores))(*scores.values()))
    except struct.error:
        broken = next(docid for docid, score in scores.items() if not isinstance(score, (int, float)))
        raise InvalidScoreError(
            f"the score of document {broken!r} is {scores[broken]!r}, not a number; correct the run"
        ) from None


@lru_cache
def _packer(count: int) -> Callable[..., bytes]:
    return struct.Struct(f"{count}d").pack


def _rank_by_counting(scores: Scores, values: np.ndarray, docid: str) -> int:
    own = scores.get(docid)
    if own is None:
        _check_numbers(scores, values)
        return len(values) + 1
    above = int(np.count_nonzero(values > own))
    others = len(values) - above - int(np.count_nonzero(values < own))
    if others == 1 and own == own:  # itself alone: no ties, and no NaN, which is neither above nor below
        return above + 1
    equal = np.flatnonzero(values == own)
    if len(equal) < others:
        _check_numbers(scores, values)
    return 1 + above + _count_higher(list(scores), equal, docid)


def _ranks_by_sorting(scores: Scores, values: np.ndarray, docids: Sequence[str]) -> list[int]:
    _check_numbers(scores, values)
    ordered = np.sort(values)
    places = [place for place, docid in enumerate(docids) if docid in scores]
    wanted = np.array([scores[docids[place]] for place in places], dtype=float)
    above = len(values) - np.searchsorted(ordered, wanted, side="right")
    tied = len(values) - above - np.searchsorted(ordered, wanted, side="left") > 1
    ranks = np.full(len(docids), len(values) + 1)
    ranks[places] = 1 + above
    names = list(scores) if tied.any() else []
    for place in np.array(places, dtype=int)[tied]:
        equal = np.flatnonzero(values == scores[docids[place]])
        ranks[place] += _count_higher(names, equal, docids[place])
    return ranks.tolist()


def _count_higher(names: Sequence[str], places: np.ndarray, docid: str) -> int:
    """Count those of some documents that have a higher id."""
    return sum(names[place] > docid for place in places.tolist())


def _check_numbers(scores: Scores, values: np.ndarray) -> None:
    if np.isnan(values).any():
        broken = next(docid for docid, score in scores.items() if score != score)
        raise InvalidScoreError(f"the score of document {broken!r} is not a number; correct the run")


def mean_over_queries(values: Mapping[str, float]) -> float:
    """Average a figure over its queries.

    :raises MetricError: if there are none.
    """
    if not values:
        raise MetricError("there is no query to average over; rank and judge at least one")
    return float(np.mean(list(values.values())))


def rank_change(rank_original: np.ndarray | int, rank_changed: np.ndarray | int) -> np.ndarray:
    """Score documents that lost their relevance, each in (-1, 1); FollowIR, arXiv 2403.15246, eq. 1.

    Positive where a document fell. Rank 4 → 1 gives -0.75, rank 1 → 4 gives 0.75: it is antisymmetric.

    :param rank_original: 1-based ranks under the original instruction.
    :param rank_changed: 1-based ranks under the changed one.
    """
    before, after = np.asarray(rank_original, dtype=float), np.asarray(rank_changed, dtype=float)
    changes: np.ndarray = np.where(before >= after, after / before - 1, 1 - before / after)
    return changes


def p_mrr_by_query(
    original: Run, changed: Run, changed_docs: Mapping[str, Collection[str]]
) -> dict[str, float]:
    """Pairwise MRR of each query: the mean of :func:`rank_change` over the documents that lost relevance.

    :param original: scores under query + original instruction.
    :param changed: scores of the same candidates under query + changed instruction.
    :param changed_docs: per query, the documents that lost their relevance; a query without any is left out,
        as mteb does. A document that a ranking lacks has the rank after its last.
    :raises MissingQueryError: if a query of ``changed_docs`` is absent from either run. mteb leaves it out.
    :raises MetricError: if a ranking that is needed is empty, or an argument is no mapping.
    """
    if not isinstance(changed_docs, Mapping):
        raise MetricError(
            f"the changed documents are a {type(changed_docs).__name__}; they must map query id -> "
            "document ids"
        )
    before: list[int] = []
    after: list[int] = []
    documents: dict[str, int] = {}
    for query_id, docids in changed_docs.items():
        first = scores_of(original, query_id, "original run")
        second = scores_of(changed, query_id, "changed run")
        named = documents_of(docids, query_id)
        if named:
            check_ranked(first, query_id, "original run")
            check_ranked(second, query_id, "changed run")
            before += _ranks(first, named)
            after += _ranks(second, named)
            documents[query_id] = len(named)
    if not documents:
        return {}
    counts = np.array(list(documents.values()))
    starts = np.cumsum(counts) - counts
    sums = np.add.reduceat(rank_change(np.array(before), np.array(after)), starts)
    return dict(zip(documents, (sums / counts).tolist(), strict=True))


def p_mrr(original: Run, changed: Run, changed_docs: Mapping[str, Collection[str]]) -> float:
    """Pairwise MRR of FollowIR, as a fraction in (-1, 1): the mean of :func:`p_mrr_by_query`.

    :raises MissingQueryError: if a query of ``changed_docs`` is absent from either run.
    :raises MetricError: if no query has a changed document.
    """
    return mean_over_queries(p_mrr_by_query(original, changed, changed_docs))


def p_mrr_gained_by_query(
    original: Run, changed: Run, gained_docs: Mapping[str, Collection[str]]
) -> dict[str, float]:
    """Mirror image of p-MRR on documents that *gained* relevance: positive where they rose.

    It is not p-MRR: never average the two, and never report this one under that name.

    :param gained_docs: per query, the documents that gained relevance.
    :raises MissingQueryError: see :func:`p_mrr_by_query`.
    """
    return p_mrr_by_query(changed, original, gained_docs)
