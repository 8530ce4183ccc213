"""Every metric refuses scores that are no numbers, and runs without a query that it needs."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from dualview.trainer.evaluation.metrics import (
    Exclusion,
    InvalidScoreError,
    MetricError,
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


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (lambda: p_mrr({}, {}, {}), "there is no query to average over"),
        (lambda: p_mrr({"q": {}}, {"q": {"a": 1.0}}, {"q": ["a"]}), "'q' in the original run is empty"),
        (lambda: p_mrr({"q": {"a": 1.0}}, {"q": {}}, {"q": ["a"]}), "'q' in the changed run is empty"),
        (lambda: p_mrr({"q": ["a"]}, {"q": {}}, {"q": ["a"]}), "are a list; they must map document id"),
        (lambda: p_mrr([], {}, {"q": ["a"]}), "the original run is a list; it must map query id"),
        (lambda: p_mrr({}, {}, ["a"]), "the changed documents are a list"),
        (
            lambda: p_mrr({"q": {"a": 1}}, {"q": {"a": 1}}, {"q": "a"}),
            "are the string 'a'; give a list",
        ),
        (lambda: sicr_by_query(ThreeRuns({"q": {}}, {"q": {}}, {"q": {}}), {"q": "ab"}), "the string 'ab'"),
        (
            lambda: wise_by_query(ThreeRuns({"q": {"a": 1}}, {"q": {}}, {"q": {}}), {"q": ["a"]}, {}),
            "'q' in the instructed run is empty",
        ),
        (lambda: ndcg_by_query({"q": {"a": "high"}}, {"q": {"a": 1}}), "'a' is 'high', not a number"),
        (lambda: ndcg_by_query({"q": {"a": None}}, {"q": {"a": 1}}), "'a' is None, not a number"),
        (lambda: mrr_by_query({"q": {"a": 1}}, {"q": ["a"]}), "the judgements of query 'q' are a list"),
        (
            lambda: trec_by_query({"q": {"a": 1}}, {"q": {"a": 0.5}}, ["ndcg_at_10"]),
            "for query 'q' is 0.5",
        ),
        (lambda: trec_by_query({"q": {"a": 1}}, [("q", "a")], ["ndcg_at_10"]), "the judgements are a list"),
        (lambda: ndcg_by_query({"q": {"a": 1}}, {"q": {"a": "x"}}), "is 'x'; judgements map"),
        (lambda: robustness_by_query({}, {"q": []}), "query 'q' has no instance"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(measure: Callable[[], object], message: str) -> None:
    with pytest.raises(MetricError) as caught:
        measure()
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_an_empty_ranking_finds_nothing() -> None:
    run, qrels = {"q": {}}, {"q": {"a": 1}}
    assert ndcg_by_query(run, qrels) == mrr_by_query(run, qrels) == {"q": 0.0}
    assert trec_by_query(run, qrels, ["map_at_1000"]) == {"map_at_1000": {"q": 0.0}}
    assert ndcg_by_query({"q": {"a": 1.0}}, {"q": {"a": 1.0}}) == {"q": 1.0}
