"""Evaluation from Python: models in memory, without a baseline, and the example of the docstring."""

from __future__ import annotations

import doctest
import json
import shutil
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from datasets import load_dataset
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.encoders.models import store_template
from dualview.trainer.evaluation import api
from dualview.trainer.evaluation.__main__ import main
from dualview.trainer.evaluation.api import Evaluation, evaluate
from dualview.trainer.evaluation.model_names import instruction_template

Models = tuple[Path, Path]


def test_the_example_of_the_docstring(
    static_models: Models, dual_view_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(static_models[0], tmp_path / "runs" / "own" / "model")
    shutil.copytree(dual_view_folder, tmp_path / "out" / "own")
    monkeypatch.chdir(tmp_path)
    (example,) = (one for one in doctest.DocTestFinder().find(evaluate, "evaluate") if one.examples)
    assert len(example.examples) == 6
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.fixture(scope="module")
def paired(static_models: Models, dual_view_folder: Path) -> Evaluation:
    return evaluate(static_models[0], dual_view_folder, baseline=str(static_models[1]))


def test_it_gives_what_the_command_gives(
    paired: Evaluation,
    static_models: Models,
    dual_view_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flags = ["--model", str(static_models[0]), "--baseline", str(static_models[1])]
    assert main([*flags, "--dataset", str(dual_view_folder), "--out", str(tmp_path / "report")]) == 0
    assert capsys.readouterr().out == f"{paired}\n"
    stored = json.loads((tmp_path / "report" / "results.json").read_text(encoding="utf-8"))
    told = json.loads(json.dumps(paired.as_dict()))
    assert stored["figures"] == told["figures"] and stored["styles"] == told["styles"]
    assert stored.keys() == told.keys()
    assert told["command"].startswith("dualview.evaluate('") and "baseline='" in told["command"]


def test_the_result_is_frozen_and_short_in_a_shell(paired: Evaluation) -> None:
    with pytest.raises(FrozenInstanceError):
        paired.model = "x"  # type: ignore[misc]
    assert len(repr(paired)) < 1000 and repr(paired).startswith("Evaluation(model=")
    assert all(figure.comparison.difference is not None for figure in paired.figures)


def test_models_in_memory_give_the_same_as_their_names(
    paired: Evaluation, static_models: Models, dual_view_folder: Path, tmp_path: Path
) -> None:
    model, baseline = (SentenceTransformer(str(folder), device="cpu") for folder in static_models)
    result = evaluate(model, str(dual_view_folder), baseline=baseline, out=tmp_path / "report")
    assert [one.comparison for one in result.figures] == [one.comparison for one in paired.figures]
    assert (result.model, result.baseline) == ("model", "baseline")
    assert (tmp_path / "report" / "report.html").is_file()
    text = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert text.startswith("# model against baseline\n") and "```python\ndualview.evaluate('model'" in text


def test_texts_are_cut_for_the_evaluation_alone(
    minilm: SentenceTransformer, static_models: Models, plain: Path
) -> None:
    before = minilm.max_seq_length
    # Three tokens leave the first word of each text, and no query shares it with its answer.
    short, long = (evaluate(minilm, scifact=plain, max_tokens=limit) for limit in (3, None))
    assert minilm.max_seq_length == before
    assert short.figures[0].comparison.model.value < long.figures[0].comparison.model.value == 1
    with pytest.raises(InputError, match="no limit of tokens"):
        evaluate(SentenceTransformer(str(static_models[0])), scifact=plain, max_tokens=4)


def test_the_report_says_that_it_was_computed_in_bfloat16(
    static_models: Models,
    dual_view_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        "dualview.trainer.evaluation.run.has_bfloat16", lambda device_type: device_type != "cpu"
    )
    monkeypatch.setattr("dualview.trainer.evaluation.run.get_device_name", lambda: "cuda:1")
    result = evaluate(static_models[0], dual_view_folder, precision="bf16", out=tmp_path)
    assert result.notes[0] == "the models' matrix products were computed in bfloat16"
    assert result.command.endswith("precision='bf16')")
    assert f"- {result.notes[0]}" in (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "several times as fast" not in capsys.readouterr().err
    monkeypatch.setattr("dualview.trainer.evaluation.run.get_device_name", lambda: "cpu")
    evaluate(static_models[0], dual_view_folder, precision="bf16")
    assert "no instructions for bf16; fp32 is several times as fast" in capsys.readouterr().err
    assert not evaluate(static_models[0], dual_view_folder).notes


def test_a_model_in_memory_names_its_template(
    minilm_path: Path, fresh_minilm: SentenceTransformer, tmp_path: Path
) -> None:
    assert instruction_template(fresh_minilm) == "{query} {instruction}"
    shutil.copytree(minilm_path, tmp_path / "model")
    store_template(tmp_path / "model", "{query} [{instruction}]")
    loaded = SentenceTransformer(str(tmp_path / "model"), device="cpu")
    assert instruction_template(loaded) == "{query} [{instruction}]"
    loaded.instruction_template = "{query}: {instruction}"
    assert instruction_template(loaded) == "{query}: {instruction}"


def test_without_a_baseline_the_model_is_reported_alone(
    paired: Evaluation, static_models: Models, dual_view_folder: Path, tmp_path: Path
) -> None:
    alone = evaluate(static_models[0], dual_view_folder, out=tmp_path, save_runs=True)
    for one, both in zip(alone.figures, paired.figures, strict=True):
        assert one.comparison.model == both.comparison.model
        assert one.comparison.baseline is None and one.comparison.difference is None
    header = str(alone).splitlines()[0].split("  ")
    assert [cell.strip() for cell in header if cell.strip()] == [
        *("Measured on", "Figure", "Queries", "Chance", "Model")
    ]
    stored = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert stored["baseline"] is None and stored["figures"][0]["differs"] is None
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    for text in (page, markdown):
        assert "against base" not in text and "Baseline" not in text and "ifference" not in text
        assert "95% interval of a bootstrap over queries" in text
    assert "Wrong: the model does not get every view right: " in page
    assert markdown.startswith("# static-1\n") and (tmp_path / "flips.png").is_file()
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {
        *("model", "tiny.qrels.tsv", "tiny.qrels.trec", "tiny.queries.jsonl")
    }


def test_wrong_use_is_told_in_a_sentence(
    static_models: Models, dual_view_folder: Path, tmp_path: Path
) -> None:
    model = static_models[0]
    rows = load_dataset(str(dual_view_folder), split="test")
    for call, message in (
        (lambda: evaluate(model), "nothing to measure on: give a dataset"),
        (lambda: evaluate(7, dual_view_folder), "an object of type int cannot be evaluated"),  # type: ignore[arg-type]
        (lambda: evaluate(model, rows), "by its folder or Hub id, not as a Dataset"),  # type: ignore[arg-type]
        (lambda: evaluate(model, dual_view_folder, split="dev"), "split 'dev' is missing or empty"),
        (lambda: evaluate(model, dual_view_folder, batch_size=0), "the batch size is 0"),
        (lambda: evaluate(model, dual_view_folder, save_runs=True), "give a folder for it"),
        (lambda: evaluate(model, dual_view_folder, update_card=True), "give one"),
        (lambda: evaluate(model, dual_view_folder, examples=-1), "must not be negative"),
        (lambda: evaluate(model, dual_view_folder, precision="fp8"), "must be one of fp32, bf16"),
        (lambda: evaluate(model, dual_view_folder, benchmarks="folder"), "write benchmarks=['folder']"),
        (lambda: evaluate(model, dual_view_folder, out=model / "modules.json"), "is a file"),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert message in str(caught.value) and "\n" not in str(caught.value)


def test_the_module_offers_what_it_is_for() -> None:
    assert api.__all__ == ["Evaluation", "evaluate"]
