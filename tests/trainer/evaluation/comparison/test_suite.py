"""The paper's suite from its parts to its table, on tiny data of each form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset

from dualview.trainer.evaluation import run as evaluation_run
from dualview.trainer.evaluation.__main__ import main
from dualview.trainer.evaluation.benchmarks.mteb.tasks import MtebBenchmark, benchmarks_of_task

mteb = pytest.importorskip("mteb")
TEXTS = {"a": "bees make honey", "b": "cats hunt mice", "c": "rain fills rivers"}


def follow_ir(name: str) -> MtebBenchmark:
    """One of FollowIR's tasks, with data that was not downloaded."""
    kind = type(mteb.get_task(name))

    class Tiny(kind):
        def load_data(self, **options: object) -> None:
            queries = [
                {"id": f"{number}-{view}", "text": text, "instruction": instruction}
                for number, text in enumerate(("animals", "nature"))
                for view, instruction in (("og", "that make honey"), ("changed", "that hunt"))
            ]
            split = {
                "corpus": Dataset.from_list([{"id": key, "text": text} for key, text in TEXTS.items()]),
                "queries": Dataset.from_list(queries),
                "relevant_docs": {
                    q["id"]: {"a": int(q["id"].endswith("og")), "b": int(q["id"].endswith("changed"))}
                    for q in queries
                },
                "top_ranked": {q["id"]: list(TEXTS) for q in queries},
            }
            self.dataset = {"default": {"test": split}}
            self.data_loaded = True

        def task_specific_scores(
            self, scores: Any, qrels: Any, results: Any, hf_split: str, hf_subset: str
        ) -> dict[str, Any]:
            from mteb._evaluators.retrieval_metrics import evaluate_p_mrr_change

            return evaluate_p_mrr_change(qrels, results, {"0": ["a"], "1": ["a"]}, self.k_values)

    (benchmark,) = benchmarks_of_task(Tiny())
    return benchmark


def write_local(folder: Path, name: str, kind: str, views: dict[str, str], qrels: dict[str, str]) -> None:
    path = folder / name
    (path / "qrels").mkdir(parents=True)
    (path / "benchmark.json").write_text(json.dumps({"kind": kind}))
    (path / "corpus.jsonl").write_text(
        "".join(json.dumps({"_id": key, "text": text}) + "\n" for key, text in TEXTS.items())
    )
    (path / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "animals"}) + "\n")
    (path / "views.jsonl").write_text(
        "".join(
            json.dumps({"query_id": "q", "view": view, "instruction": text}) + "\n"
            for view, text in views.items()
        )
    )
    for view, lines in qrels.items():
        (path / f"{view}.tsv").write_text(lines)


@pytest.fixture
def suite_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "suite"
    for dimension in ("length", "keyword"):
        views = {"instructed": "that make honey", "reversed": "that do not"}
        write_local(
            folder, f"infosearch-{dimension}", "infosearch", views, {"qrels/instructed": "q\ta\t1\nq\tb\t0\n"}
        )
    for task in ("ifeval", "instructir"):
        views = {"instructed": "that make honey"}
        write_local(folder, f"mair-{task}", "retrieval", views, {"qrels": "q\ta\t1\n"})
    return folder


def test_the_papers_columns_are_measured_and_stand_above_its_rows(
    suite_folder: Path,
    static_models: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = [f"{name}InstructionRetrieval" for name in ("Robust04", "News21", "Core17")]
    monkeypatch.setattr(evaluation_run, "load_mteb_benchmarks", lambda group: [follow_ir(n) for n in names])
    out = tmp_path / "report"
    flags = ["--model", str(static_models[0]), "--baseline", str(static_models[1]), "--suite", "paper"]
    assert main([*flags, "--suite-folder", str(suite_folder), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    lines = shown[shown.index("FollowIR p-MRR") :].splitlines()
    ours = lines[2].split()
    assert ours[0] == "static-1" and len(ours) == 7
    assert lines[4].split()[-6:] == ["5.21", "21.33", "4.06", "2.06", "32.14", "89.16"]
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    means = {
        figure["metric"]: figure["comparison"]["model"]["value"]
        for figure in results["figures"]
        if figure["dataset"] == "FollowIR"
    }
    assert set(means) == {"p_mrr", "p_mrr_gained", "followir_score"}
    assert float(ours[1]) == pytest.approx(100 * means["p_mrr"], abs=0.005)
    assert [one["task"] for one in results["mteb"]] == names
    for one in results["mteb"]:
        assert one["mteb"] == mteb.__version__ and one["revision"] and "p-MRR" in one["baseline_scores"]
        assert one["scores"]["p-MRR"] == pytest.approx(means["p_mrr"])  # the three hold the same data
    for name in ("report.md", "report.html"):
        text = (out / name).read_text(encoding="utf-8")
        assert "measured by mteb" in text and "gte 305M all-dv (published)" in text
