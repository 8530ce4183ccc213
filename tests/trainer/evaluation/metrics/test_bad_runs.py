"""Every metric refuses scores that are no numbers, and runs without a query that it needs."""

from __future__ import annotations

import math

import pytest

from dualview.trainer.evaluation.metrics import (
    Exclusion,
    InvalidScoreError,
    MissingQueryError,
    PairedSet,
    ThreeRuns,
    exclusion_by_query,
    infosearch_p_mrr_by_query,
    mrr_by_query,
    ndcg_by_query,
    p_mrr,
    p_mrr_by_query,
    p_mrr_gained_by_query,
    paired_accuracy_by_set,
    ranks_of,
    robustness_by_query,
    sicr_by_query,
    trec_by_query,
    wise_by_query,
)
from tests.trainer.evaluation.metrics.rankings import ranked


def test_a_score_that_is_no_number_is_an_error() -> None:
    with pytest.raises(InvalidScoreError, match="'b' is not a number"):
        ranks_of({"a": 1.0, "b": math.nan}, ["a"])
    for docids in (["b"], ["none"], ["a", "b", *"cdefghij"]):
        with pytest.raises(InvalidScoreError):
            ranks_of({"a": 1.0, "b": math.nan}, docids)
    with pytest.raises(InvalidScoreError):
        ranks_of({"b": math.nan}, ["b"])
    run, qrels = {"q": {"a": math.nan, "b": 1.0}}, {"q": {"a": 1}}
    for measure in (
        lambda: trec_by_query(run, qrels, ["ndcg_at_10"]),
        lambda: ndcg_by_query(run, qrels),
        lambda: mrr_by_query(run, qrels),
        lambda: p_mrr(run, run, {"q": ["b"]}),
        lambda: exclusion_by_query(run, {"q": Exclusion("b", "c")}),
    ):
        with pytest.raises(InvalidScoreError, match="'a'"):
            measure()


def test_a_missing_query_is_an_error_everywhere() -> None:
    run, empty = {"q": ranked("a", "b")}, {}
    for measure in (
        lambda: p_mrr(empty, run, {"q": ["a"]}),
        lambda: p_mrr(run, empty, {"q": ["a"]}),
        lambda: p_mrr_by_query(run, empty, {"q": []}),
        lambda: p_mrr_gained_by_query(run, empty, {"q": ["a"]}),
        lambda: paired_accuracy_by_set(run, {"s": PairedSet(("q", "r"), ("a", "b"))}),
        lambda: ndcg_by_query(empty, {"q": {"a": 1}}),
        lambda: mrr_by_query(empty, {"q": {"a": 1}}),
        lambda: trec_by_query(empty, {"q": {"a": 1}}, ["map_at_1000"]),
        lambda: robustness_by_query({}, {"q": ["q/1"]}),
        lambda: infosearch_p_mrr_by_query(empty, run, {"q": ["a"]}),
        lambda: sicr_by_query(ThreeRuns(run, run, empty), {"q": ["a"]}),
        lambda: wise_by_query(ThreeRuns(run, empty, run), {"q": ["a"]}, {"q": []}),
        lambda: exclusion_by_query(empty, {"q": Exclusion("a", "b")}),
    ):
        with pytest.raises(MissingQueryError, match="q"):
            measure()
