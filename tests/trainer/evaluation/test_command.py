"""python -m trainer.evaluation on small data, with the packaged encoder and a damaged copy of it."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from sentence_transformers import SentenceTransformer

from cards.model_facts import Example, ModelFacts, load_facts, save_facts
from trainer.evaluation.__main__ import main

FACTS = ModelFacts(
    model_name="damaged",
    base_model="sentence-transformers/all-MiniLM-L6-v2",
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
def damaged(minilm_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MiniLM with noise on its last weights, saved like a trained model, with its facts."""
    model = SentenceTransformer(str(minilm_path), device="cpu")
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in list(model.parameters())[-20:]:
            weight.add_(0.05 * torch.randn_like(weight))
    folder = tmp_path_factory.mktemp("models") / "damaged"
    model.save(str(folder))
    save_facts(folder, FACTS)
    return folder


@pytest.fixture(scope="module")
def report(
    damaged: Path, minilm_path: Path, dual_view_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("reports") / "report"
    flags = ["--model", str(damaged), "--baseline", str(minilm_path), "--dataset", str(dual_view_folder)]
    assert main([*flags, "--split", "test", "--out", str(out), "--max-tokens", "48", "--update-card"]) == 0
    return out


def test_results_hold_every_figure_of_every_source(report: Path) -> None:
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    found = {(figure["subset"], figure["metric"]) for figure in results["figures"]}
    metrics = ("flip_accuracy", "view_accuracy", "p_mrr", "p_mrr_gained", "margin", "bare_query_ndcg_at_10")
    assert found == {(source, metric) for source in ("seeds", "attributed") for metric in metrics}
    for figure in results["figures"]:
        compared = figure["comparison"]
        assert compared["queries"] == (24 if figure["subset"] == "seeds" else 8)
        for which in ("model", "baseline", "difference"):
            assert compared[which]["low"] <= compared[which]["value"] <= compared[which]["high"]
        difference = compared["model"]["value"] - compared["baseline"]["value"]
        assert compared["difference"]["value"] == pytest.approx(difference)
    chances = {f["subset"]: f["chance"] for f in results["figures"] if f["metric"] == "flip_accuracy"}
    assert chances == {"seeds": pytest.approx(1 / 27), "attributed": pytest.approx(1 / 4)}
    assert results["command"].startswith("python -m trainer.evaluation --model ")


def test_report_and_plot_are_written(report: Path) -> None:
    text = (report / "report.md").read_text(encoding="utf-8")
    assert "| tiny, test, seeds | all views of a set right | 24 | 3.7 |" in text
    assert "](flips.png)" in text
    assert (report / "flips.png").read_bytes().startswith(b"\x89PNG")


def test_card_of_the_model_holds_the_results(report: Path, damaged: Path) -> None:
    facts = load_facts(damaged)
    flips = [result for result in facts.results if result.metric == "flip_accuracy"]
    assert [(result.subset, result.split, result.dataset) for result in flips] == [
        ("seeds", "test", "tiny"),
        ("attributed", "test", "tiny"),
    ]
    assert all(result.metric != "margin" for result in facts.results)
    assert replace(facts, results=(), eval_command=None) == FACTS
    card = (damaged / "README.md").read_text(encoding="utf-8")
    assert "All views of a set right" in card and "python -m trainer.evaluation" in card


def test_table_is_all_that_goes_to_standard_output(
    damaged: Path, minilm_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beir = tmp_path / "plain"
    (beir / "qrels").mkdir(parents=True)
    texts = ["Bees make honey.", "Cats hunt mice.", "Rain fills rivers.", "Bakers knead dough."]
    with gzip.open(beir / "corpus.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(
            json.dumps({"_id": f"d{n}", "title": "", "text": text}) + "\n" for n, text in enumerate(texts)
        )
    queries = [{"_id": "q0", "text": "who makes honey"}, {"_id": "q1", "text": "what do cats eat"}]
    (beir / "queries.jsonl").write_text("".join(json.dumps(q) + "\n" for q in queries), encoding="utf-8")
    (beir / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq0\td0\t1\nq1\td1\t1\n", encoding="utf-8"
    )
    flags = ["--model", str(damaged), "--baseline", str(minilm_path), "--scifact", str(beir)]
    assert main([*flags, "--out", str(tmp_path / "report")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert (
        lines[2].startswith("plain, test")
        and "nDCG@10 of plain retrieval" in lines[2]
        and "100.0" in lines[2]
    )
    assert not (tmp_path / "report" / "flips.png").exists()


def test_bad_input_is_one_line_and_exit_code_two(
    minilm_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ["--model", str(minilm_path), "--baseline", str(minilm_path)]
    out = tmp_path / "report"
    cases = [
        [*model, "--out", str(out)],
        [*model, "--out", str(out), "--dataset", str(tmp_path / "missing")],
        [*model, "--out", str(out), "--dataset", str(tmp_path), "--update-card"],
        [
            "--model",
            str(tmp_path / "none"),
            "--baseline",
            str(minilm_path),
            "--out",
            str(out),
            "--scifact",
            ".",
        ],
    ]
    for flags in cases:
        assert main(flags) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith("error: ") and shown.err.count("\n") == 1
    assert not out.exists()
