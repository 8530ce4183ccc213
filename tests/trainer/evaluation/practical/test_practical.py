"""The practical sets as a suite and as a task of mteb."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.api import evaluate
from dualview.trainer.evaluation.practical.benchmark import practical_benchmark
from dualview.trainer.evaluation.practical.lever_groups import OTHER, lever_group
from dualview.trainer.evaluation.practical.mteb_task import practical_task, suite_scores
from dualview.trainer.evaluation.practical.read_sets import read_sets, shipped_folder

TEXTS = [{"title": "Bees", "text": "Bees make honey."}, {"title": "", "text": "Cats hunt mice at night."}]


def practical_set(**changed: Any) -> dict[str, Any]:
    views = [
        {"target": 0, "kind": "exclusion", "lever": "night work", "instruction": "nothing at night"},
        {"target": 1, "kind": "inclusion", "lever": "prey", "instruction": "those that hunt mice"},
        {"target": 1, "kind": "other", "lever": "situation", "instruction": "We have rats."},
    ]
    return {"id": "one", "split": "test", "query": "useful animals", "texts": TEXTS, "views": views} | changed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "sets"
    path.mkdir()
    other = practical_set(
        id="two", split="train", query="dull animals", texts=[{"text": "Sloths."}, {"text": "Snails."}]
    )
    (path / "a.jsonl").write_text(json.dumps(practical_set()) + "\n" + json.dumps(other) + "\n", "utf-8")
    return path


def test_the_shipped_sets_are_split_and_their_texts_are_one_corpus() -> None:
    sets = read_sets(shipped_folder())
    assert len(sets) == 777
    benchmark = practical_benchmark()
    assert len(benchmark.documents) == 3_108
    own = [one for one in sets if one.split == "test"]
    assert [f"practical/{one.id}" for one in own] == [one.set_id for one in benchmark.sets]
    assert sum(len(one.views) for one in own) == sum(len(one.views) for one in benchmark.sets)
    assert benchmark.chances()["", "right_first"] == pytest.approx(1 / 3_108)
    assert benchmark.chances()["", "view_accuracy"] == pytest.approx(0.25, abs=0.02)
    assert {view.kind for one in benchmark.sets for view in one.views} == {
        "exclusion",
        "inclusion",
        "both",
        "other",
    }


def test_levers_are_in_a_dozen_groups() -> None:
    levers = [view.lever for one in read_sets(shipped_folder()) for view in one.views]
    groups = [lever_group(lever) for lever in levers]
    assert 10 <= len(set(groups)) <= 14
    assert groups.count(OTHER) < 0.18 * len(groups)
    assert lever_group("Entry Fees") == "price" and lever_group("time of day") == "date"
    assert lever_group("hobbies") == lever_group("hobby") and lever_group("hobb") == OTHER
    assert lever_group("") == lever_group("?!") == OTHER


def test_the_suite_measures_over_all_texts(
    folder: Path, static_models: tuple[Path, Path], tmp_path: Path
) -> None:
    model, baseline = map(str, static_models)
    result = evaluate(
        model, suite="practical", suite_folder=folder, baseline=baseline, out=tmp_path / "report"
    )
    shown = {figure.metric: figure for figure in result.figures}
    assert shown["right_first"].passages == 4 and shown["right_first"].measured_on == "practical, test"
    assert len(shown["right_first"].values.model) == 3
    assert len(shown["right_first_exclusions"].values.model) == 1
    assert not {"flip_accuracy", "p_mrr", "p_mrr_gained"} & shown.keys()
    assert {figure.detail for figure in result.kinds} == {"exclusion", "inclusion", "other"}
    assert {figure.detail for figure in result.levers} == {"method", "situation", OTHER}
    assert result.suite is not None and len(result.suite.rows) == 2
    assert all(cell for row in result.suite.rows for cell in row)
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "By lever" in page and "By kind of instruction" in page
    assert "By lever" in (tmp_path / "report" / "report.md").read_text("utf-8")
    assert json.loads((tmp_path / "report" / "results.json").read_text("utf-8"))["levers"]


@pytest.mark.slow
def test_mteb_gives_the_figures_of_the_suite(folder: Path, static_models: tuple[Path, Path]) -> None:
    mteb = pytest.importorskip("mteb")
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(static_models[0]), device="cpu")
    task = practical_task(folder)
    results = mteb.evaluate(model, [task], cache=None, show_progress_bar=False)
    (scores,) = results.task_results[0].scores["test"]
    ours = {
        one.metric: one.comparison.model.value
        for one in evaluate(model, suite="practical", suite_folder=folder).figures
    }
    for metric in ("right_first", "right_first_exclusions", "right_first_rest", "violating_first", "mrr"):
        assert scores[metric] == pytest.approx(ours[metric], abs=1e-4), metric
    assert scores["main_score"] == scores["right_first"] == pytest.approx(scores["hit_rate_at_1"], abs=1e-4)


def test_a_view_without_a_ranking_has_found_nothing(folder: Path) -> None:
    views = {str(n): view for n, view in enumerate(practical_benchmark(folder).sets[0].views)}
    assert suite_scores(views, {"0": {"practical/one/0": 1.0}})["right_first"] == pytest.approx(
        1 / 3, abs=1e-4
    )
    assert suite_scores(views, {"1": {"practical/one/0": 1.0}})["violating_first"] == pytest.approx(
        1 / 3, abs=1e-4
    )


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"texts": TEXTS[:1]}, "at least two texts"),
        ({"texts": "x"}, "'texts' must be a list"),
        ({"split": "dev"}, "write train, validation or test"),
        ({"query": 3}, "'query' is missing or no string"),
        ({"views": []}, "'views' must be a list"),
        ({"views": [{"target": 2, "instruction": "x"}]}, "target 2 is no text"),
        ({"views": [{"target": True, "instruction": "x"}]}, "target True is no text"),
        ({"views": [{"target": 0, "kind": "ban", "instruction": "x"}]}, "kind is 'ban'"),
        ({"views": [{"target": 0, "instruction": " "}]}, "an instruction is empty"),
        ({"id": "two"}, "is there twice"),
    ],
)
def test_a_bad_set_is_named(folder: Path, changed: dict[str, Any], problem: str) -> None:
    (folder / "b.jsonl").write_text(json.dumps(practical_set(**changed)) + "\n", "utf-8")
    with pytest.raises(InputError, match=problem) as caught:
        practical_benchmark(folder)
    assert "b.jsonl, line 1" in str(caught.value)


def test_a_split_without_sets_is_named(folder: Path) -> None:
    with pytest.raises(InputError, match="'validation'; there are sets of test, train"):
        practical_benchmark(folder, "validation")


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no practical set"):
        practical_benchmark(tmp_path)
