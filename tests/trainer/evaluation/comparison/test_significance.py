"""Intervals: what they hold, how queries stay together, and how long they take."""

from __future__ import annotations

import time

import numpy as np
import pytest

from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.comparison.compared_figures import (
    ComparedFigure,
    QueryValues,
    compare_figures,
    followir_means,
)
from dualview.trainer.evaluation.comparison.significance import (
    Interval,
    mean_over_datasets,
    paired_bootstrap,
    resample,
)
from dualview.trainer.evaluation.measured_figures import Figures


def ids(count: int) -> list[str]:
    return [f"q{number}" for number in range(count)]


def test_a_mean_has_the_interval_that_theory_gives() -> None:
    source = np.random.default_rng(0)
    model, baseline = source.normal(0.5, 1, 400), source.normal(0.2, 2, 400)
    compared = paired_bootstrap(model.tolist(), baseline.tolist(), ids(400))
    assert compared.queries == 400
    for interval, values in (
        (compared.model, model),
        (compared.baseline, baseline),
        (compared.difference, model - baseline),
    ):
        error = 1.96 * values.std() / np.sqrt(400)
        assert interval.value == pytest.approx(values.mean())
        assert interval.low == pytest.approx(values.mean() - error, abs=0.1 * error)
        assert interval.high == pytest.approx(values.mean() + error, abs=0.1 * error)


def test_the_two_are_resampled_together() -> None:
    baseline = np.random.default_rng(0).normal(0, 10, 50)
    compared = paired_bootstrap((baseline + 1).tolist(), baseline.tolist(), ids(50))
    assert compared.difference.low == pytest.approx(1) and compared.difference.high == pytest.approx(1)
    assert compared.model.low < 0 < compared.model.high


def test_values_of_one_query_stay_together() -> None:
    # Ten values each of two queries are two observations, not twenty.
    values = [0.0] * 10 + [1.0] * 10
    queries = ["q1"] * 10 + ["q2"] * 10
    apart = paired_bootstrap(values, values, ids(20))
    together = paired_bootstrap(values, values, queries)
    assert together.queries == 2
    assert (together.model.low, together.model.high) == (0, 1)
    assert apart.model.low > 0.2 and apart.model.high < 0.8


def test_queries_count_by_their_values() -> None:
    compared = paired_bootstrap([1.0, 1.0, 1.0, 0.0], [0.0] * 4, ["q1", "q1", "q1", "q2"])
    assert compared.model.value == 0.75
    # Drawn are q1 twice (1), q2 twice (0), or both (0.75).
    means = resample([1.0, 1.0, 1.0, 0.0], [0.0] * 4, ["q1", "q1", "q1", "q2"]).means[:, 0]
    assert set(means.tolist()) == {0.0, 0.75, 1.0}


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(1).random(30).tolist()
    assert paired_bootstrap(values, values[::-1], ids(30)) == paired_bootstrap(values, values[::-1], ids(30))
    other = paired_bootstrap(values, values[::-1], ids(30), seed=1)
    assert other != paired_bootstrap(values, values[::-1], ids(30))


def test_a_difference_holds_zero_or_does_not() -> None:
    assert Interval(0.1, 0.0, 0.2).holds_zero and Interval(0.1, -0.1, 0.2).holds_zero
    assert not Interval(0.1, 0.01, 0.2).holds_zero and not Interval(-0.1, -0.2, -0.01).holds_zero


@pytest.mark.parametrize(("model", "queries"), [([1.0], []), ([1.0, 2.0], ["q"]), ([], [])])
def test_lengths_must_agree(model: list[float], queries: list[str]) -> None:
    with pytest.raises(ValueError, match="same length"):
        paired_bootstrap(model, [1.0], queries)


def test_5000_queries_take_less_than_two_seconds() -> None:
    values = np.random.default_rng(0).random(5000).tolist()
    started = time.process_time()
    paired_bootstrap(values, values[::-1], ids(5000))
    assert time.process_time() - started < 2


def figure(dataset: str, metric: str, model: list[float], subset: str = "") -> ComparedFigure:
    values = QueryValues(tuple(ids(len(model))), tuple(model), (0.0,) * len(model))
    return ComparedFigure(dataset, "test", subset, metric, values.resampled(0).comparison(), values)


def test_follow_irs_means_need_all_three_datasets_and_the_right_measure_of_each() -> None:
    robust = [figure("Robust04", "p_mrr", [0.1] * 4), figure("Robust04", "map_at_1000", [0.2] * 4)]
    news = [
        figure("News21InstructionRetrieval", "p_mrr", [0.3] * 3),
        figure("News21", "ndcg_at_5", [0.6] * 3),
    ]
    core = [figure("Core17", "p_mrr", [0.5, 0.7]), figure("Core17", "map_at_1000", [0.1, 0.1])]
    assert followir_means([*robust, *news]) == []
    p_mrr, score = followir_means([*robust, *news, *core])
    assert (p_mrr.metric, p_mrr.comparison.model.value) == ("p_mrr", pytest.approx((0.1 + 0.3 + 0.6) / 3))
    assert (score.metric, score.comparison.model.value) == ("followir_score", pytest.approx(0.3))
    assert p_mrr.comparison.queries == 9
    # Only Core17's two queries vary, and its mean is a third of the whole.
    assert p_mrr.comparison.model.low == pytest.approx((0.1 + 0.3 + 0.5) / 3)
    assert p_mrr.comparison.model.high == pytest.approx((0.1 + 0.3 + 0.7) / 3)
    with pytest.raises(ValueError, match="no dataset"):
        mean_over_datasets([])


class _Anything:
    name, split, documents = "x", "", {}

    def chances(self) -> dict:
        return {("", "sicr"): 0.5}

    def counts(self) -> dict:
        return {"": "2 queries"}


def test_figures_of_different_queries_are_not_compared() -> None:
    benchmark: Benchmark = _Anything()  # type: ignore[assignment]
    ours, theirs, missing = Figures(), Figures(), Figures()
    ours.add_all("sicr", {"q1": 1.0, "q2": 0.0})
    theirs.add_all("sicr", {"q1": 0.0, "q3": 0.0})
    with pytest.raises(ValueError, match="different queries"):
        compare_figures(benchmark, {"": ours}, {"": theirs})
    assert compare_figures(benchmark, {"": ours}, {"": missing}) == []
    (compared,) = compare_figures(benchmark, {"": ours}, {"": ours})
    assert (compared.chance, compared.detail) == (0.5, "2 queries")
