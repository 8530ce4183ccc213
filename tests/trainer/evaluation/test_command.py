"""dualview evaluate on small data, with encoders that take no time."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dualview.cards.model_facts import Example, ModelFacts, load_facts, save_facts
from dualview.trainer.evaluation.__main__ import main
from dualview.trainer.evaluation.flip_evaluator import SET_FIGURES

FACTS = ModelFacts(
    model_name="trained",
    base_model="org/base",
    base_license="Apache-2.0",
    license="Apache-2.0",
    languages=("en",),
    dataset_name="tiny",
    dataset_fingerprint="0",
    instruction_template="{query} {instruction}",
    loss={},
    loss_citation="",
    hyperparameters={},
    mixture={},
    train_seconds=1.0,
    hardware="CPU",
    versions={},
    max_tokens=64,
    results=(),
    train_command="",
    eval_command=None,
    limits=(),
    example=Example("q", "i", "r", ("a", "b")),
)


@pytest.fixture(scope="module")
def trained(static_models: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of the encoders, saved like a trained model, with its facts."""
    folder = tmp_path_factory.mktemp("trained") / "model"
    shutil.copytree(static_models[0], folder)
    save_facts(folder, FACTS)
    return folder


@pytest.fixture(scope="module")
def report(
    trained: Path,
    static_models: tuple[Path, Path],
    dual_view_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    out = tmp_path_factory.mktemp("reports") / "report"
    flags = ["--model", str(trained), "--baseline", str(static_models[1]), "--dataset", str(dual_view_folder)]
    assert main([*flags, "--split", "test", "--out", str(out), "--update-card", "--save-runs"]) == 0
    return out


def test_results_hold_every_figure_of_every_source(report: Path) -> None:
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    found = {(figure["subset"], figure["metric"]) for figure in results["figures"]}
    assert found == {(source, metric) for source in ("seeds", "attributed") for metric in SET_FIGURES}
    for figure in results["figures"]:
        compared = figure["comparison"]
        assert compared["queries"] == (24 if figure["subset"] == "seeds" else 8)
        for which in ("model", "baseline", "difference"):
            assert compared[which]["low"] <= compared[which]["value"] <= compared[which]["high"]
        difference = compared["model"]["value"] - compared["baseline"]["value"]
        assert compared["difference"]["value"] == pytest.approx(difference)
    chances = {f["subset"]: f["chance"] for f in results["figures"] if f["metric"] == "flip_accuracy"}
    assert chances == {"seeds": pytest.approx(1 / 27), "attributed": pytest.approx(1 / 4)}
    assert results["command"].startswith("dualview evaluate --model ")


def test_report_page_and_picture_are_written(report: Path) -> None:
    text = (report / "report.md").read_text(encoding="utf-8")
    assert text.startswith("# trained against static-2\n")
    assert "| tiny, test, seeds | all right within the set | 24 | 3.7 |" in text and "](flips.png)" in text
    assert (report / "flips.png").read_bytes().startswith(b"\x89PNG")
    page = (report / "report.html").read_text(encoding="utf-8")
    assert "24 sets of 3 instructions" in page and "when the instruction is reversed, by lever" in page


def test_the_models_card_holds_the_results(report: Path, trained: Path) -> None:
    facts = load_facts(trained)
    flips = [result for result in facts.results if result.metric == "flip_accuracy"]
    assert [(result.subset, result.split, result.dataset) for result in flips] == [
        ("seeds", "test", "tiny"),
        ("attributed", "test", "tiny"),
    ]
    assert all(result.metric != "margin" for result in facts.results)
    assert replace(facts, results=(), eval_command=None) == FACTS
    card = (trained / "README.md").read_text(encoding="utf-8")
    assert "all right within the set" in card and "dualview evaluate" in card


def test_saved_runs_give_the_same_figures(report: Path, dual_view_folder: Path, tmp_path: Path) -> None:
    runs = [f"run:{report}/runs/{which}/tiny.trec" for which in ("model", "baseline")]
    flags = ["--model", runs[0], "--baseline", runs[1], "--dataset", str(dual_view_folder)]
    assert main([*flags, "--out", str(tmp_path)]) == 0
    first, second = (
        {
            (figure["subset"], figure["metric"]): figure["comparison"]
            for figure in json.loads((folder / "results.json").read_text())["figures"]
            if figure["metric"] != "margin"
        }
        for folder in (report, tmp_path)
    )
    assert first == second


def test_the_table_is_all_that_goes_to_standard_output(
    static_models: tuple[Path, Path], plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--model", "bm25", "--baseline", str(static_models[0]), "--scifact", str(plain)]
    assert main([*flags, "--out", str(tmp_path / "report"), "--cache", str(tmp_path / "cache")]) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    names = ["nDCG@10", "MAP@1000", "Recall@100", "MRR@10"]
    assert [line.split()[1] for line in lines[2:]] == names
    assert "100.0 (100.0 to 100.0)" in lines[2]
    assert "Encoding documents" in shown.err
    # Another model's evaluation finds the vectors of this one.
    assert main([*flags, "--out", str(tmp_path / "again"), "--cache", str(tmp_path / "cache")]) == 0
    again = capsys.readouterr()
    assert again.out == shown.out and "Encoding" not in again.err


def test_bad_input_is_one_line_and_exit_code_two(
    static_models: tuple[Path, Path], plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ["--model", str(static_models[0]), "--baseline", str(static_models[1])]
    out = tmp_path / "report"
    broken = tmp_path / "run.trec"
    broken.write_text("q0 Q0 d0 1 0.5 x\n")
    measured = [*model, "--scifact", str(plain)]
    cases = {
        "nothing to measure on": model,
        "no dataset in this folder": [*model, "--dataset", str(tmp_path / "missing")],
        "holds no dualview_facts.json; train it": [*measured, "--update-card"],
        "no model in this folder": [*measured, "--model", str(tmp_path / "none")],
        "lacks corpus.jsonl": [*model, "--benchmark", str(tmp_path)],
        "two benchmarks are named 'plain'": [*measured, "--benchmark", str(plain)],
        "lacks the query 'q1'": [*measured, "--model", f"run:{broken}"],
        "no suite 'papers'; there is paper": [*measured, "--suite", "papers"],
        "the suite needs the folder 'infosearch-length'": [*measured, "--suite", "paper"],
        "mteb has no task 'none'": [*model, "--benchmark", "mteb:none"],
        "the batch size is 0": [*measured, "--batch-size", "0"],
        "the folder for vectors cannot be made": [*measured, "--cache", str(broken / "cache")],
    }
    for message, flags in cases.items():
        assert main([*flags, "--out", str(out)]) == 2, message
        shown = capsys.readouterr()
        assert shown.out == ""
        errors = [line for line in shown.err.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1 and message in errors[0], shown.err
        assert "Traceback" not in shown.err
    spaced = plain / "corpus.jsonl"
    spaced.write_text(spaced.read_text() + '{"_id": "d 4", "text": "Snow."}\n')
    assert main([*measured, "--save-runs", "--out", str(out)]) == 2
    shown = capsys.readouterr().err
    assert "document id 'd 4' is empty or holds white space" in shown and "Measuring" not in shown
    assert main([*measured, "--out", str(broken)]) == 2
    assert "is a file" in capsys.readouterr().err
    assert not out.exists()
