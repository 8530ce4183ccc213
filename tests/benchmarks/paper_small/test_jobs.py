"""The list of jobs, and the pooling of their figures over seeds."""

from __future__ import annotations

import shlex
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import yaml

from benchmarks.paper_small.jobs import ALL_ROWS, AS_IT_IS, ONE_WAY, POLARITY, SHIPPED, jobs_of
from benchmarks.paper_small.pooling import pool
from dualview.trainer.evaluation.rankers.composed_ranker import parse_composed
from dualview.trainer.settings.recipes import read_recipe
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.running import parse_settings

ROOT = Path(__file__).parents[3]
EXPERIMENT = yaml.safe_load(
    (ROOT / "benchmarks" / "paper_small" / "experiment.yaml").read_text(encoding="utf-8")
)
JOBS = [job for job in jobs_of(EXPERIMENT) if job.settings]


def test_every_job_can_be_trained_by_the_command_that_is_reported_for_it() -> None:
    assert len(JOBS) > 10
    for job in JOBS:
        words = shlex.split(job.command())
        assert words[:3] == ["accelerate", "launch", "trainer/train.py"]
        parsed = parse_settings(words[3:])
        assert parsed.model and parsed.dataset and parsed.out
        for name, value in {**job.settings, "seed": job.seed}.items():
            assert getattr(parsed, name) == value, name


def test_the_settings_of_all_jobs_are_known_and_of_the_right_kind() -> None:
    kinds = {"int": int, "float": (int, float), "bool": bool, "str": str, "dict[str, float]": dict}
    known = {field.name: kinds.get(str(field.type), ()) for field in fields(TrainingSettings)}
    for job in JOBS:
        for name, value in job.settings.items():
            assert isinstance(value, known[name]), name


def test_two_jobs_with_the_same_settings_are_one() -> None:
    by_key = {}
    for job in JOBS:
        first = by_key.setdefault(job.key("texts"), job)
        assert (first.settings, first.seed, first.test) == (job.settings, job.seed, job.test)
    assert all(job.key("texts") != job.key("other texts") for job in JOBS)


def test_arms_of_one_budget_differ_in_the_mixture_alone() -> None:
    arms = {job.name: dict(job.settings) for job in JOBS if job.group == POLARITY}
    assert len(arms) >= 3
    assert {settings.pop("mixture") for settings in arms.values()} == set(arms)
    first, *others = arms.values()
    assert all(other == first for other in others)
    assert {job.rows for job in JOBS if job.group == POLARITY} == {ONE_WAY}


def test_a_shipped_recipe_is_measured_as_it_is_shipped() -> None:
    for name, changes in EXPERIMENT["shipped"].items():
        recipe = read_recipe(ROOT / "trainer" / "recipes" / f"{changes['recipe']}.yaml")
        (job,) = [job for job in JOBS if (job.group, job.name, job.seed) == (SHIPPED, name, 0)]
        differs = {key for key, value in job.settings.items() if recipe.get(key) != value}
        assert differs == set(changes) - {"recipe", "seeds"}, name
        assert {"temperature", "learning_rate"} <= set(job.settings)
        assert job.rows == ALL_ROWS


def test_what_is_measured_without_training_has_a_name_that_evaluation_knows() -> None:
    composed = [job for job in jobs_of(EXPERIMENT) if job.prefix]
    assert composed
    for job in composed:
        assert parse_composed(job.system)
        assert not job.command()


def test_a_model_that_two_lists_have_is_trained_once() -> None:
    as_it_is, shipped = (
        next(job for job in JOBS if (job.group, job.name, job.seed) == of)
        for of in (("minilm", AS_IT_IS, 0), (SHIPPED, "minilm", 0))
    )
    assert as_it_is.training_key("texts") == shipped.training_key("texts")
    assert as_it_is.key("texts") != shipped.key("texts")  # measured on validation and on test


def test_values_are_averaged_over_seeds_before_queries_are_resampled() -> None:
    arm = [{"f": {"q1": [1.0, 0.0], "q2": [1.0]}}, {"f": {"q2": [0.0], "q1": [1.0, 1.0]}}]
    base = [{"f": {"q1": [0.0, 0.0], "q2": [0.0]}}]
    pooled = pool(arm, base, "f")
    assert pooled.by_seed == pytest.approx((2 / 3, 2 / 3))
    assert pooled.comparison.model.value == pytest.approx(2 / 3)
    assert pooled.comparison.difference.value == pytest.approx(2 / 3)
    assert pooled.comparison.queries == 2


def test_a_difference_that_is_there_is_found_and_noise_is_not() -> None:
    generator = np.random.default_rng(0)
    base = [{"f": {f"q{i}": [float(generator.random())] for i in range(200)}}]
    better = [{"f": {query: [values[0] + 0.1] for query, values in base[0]["f"].items()}}]
    other = [{"f": {f"q{i}": [float(generator.random())] for i in range(200)}}]
    assert not pool(better, base, "f").comparison.difference.holds_zero
    assert pool(other, base, "f").comparison.difference.holds_zero


def test_figures_of_different_queries_are_refused() -> None:
    with pytest.raises(ValueError, match="different queries"):
        pool([{"f": {"q1": [1.0]}}], [{"f": {"q1": [1.0, 0.0]}}], "f")
