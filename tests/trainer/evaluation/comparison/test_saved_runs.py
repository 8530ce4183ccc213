"""Saved runs with their judgements give other tools the figures of the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.api import Evaluation, evaluate
from dualview.trainer.evaluation.benchmarks.folders.local import read_benchmark
from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.benchmarks.sets.published_sets import benchmark_from_rows
from dualview.trainer.evaluation.comparison.saved_runs import check_names, save_judgements, save_run
from tests.trainer.evaluation.benchmark_folders import exclusion, followir

pytrec_eval = pytest.importorskip("pytrec_eval")
MEASURES = {
    "right_first": "recall_1",
    "mrr": "recip_rank",
    "instructed_ndcg_at_10": "ndcg_cut_10",
    "bare_query_ndcg_at_10": "ndcg_cut_10",
    "ndcg_at_10": "ndcg_cut_10",
    "map_at_1000": "map_cut_1000",
    "recall_at_100": "recall_100",
    "ndcg_at_5": "ndcg_cut_5",
    "recall_at_1": "recall_1",
}
CUTS = {"ndcg_cut.5", "ndcg_cut.10", "map_cut.1000", "recall.1", "recall.100", "recip_rank"}


def recompute(runs: Path, name: str, which: str) -> dict[tuple[str, str], float]:
    """Measure a saved run by pytrec_eval; subset and figure -> mean."""
    with (runs / f"{name}.qrels.trec").open() as file:
        qrels = pytrec_eval.parse_qrel(file)
    with (runs / which / f"{name}.trec").open() as file:
        run = pytrec_eval.parse_run(file)
    found = pytrec_eval.RelevanceEvaluator(qrels, CUTS).evaluate(run)
    values: dict[tuple[str, str], list[float]] = {}
    for line in (runs / f"{name}.queries.jsonl").read_text(encoding="utf-8").splitlines():
        query = json.loads(line)
        for figure in query["figures"]:
            if figure in MEASURES:
                value = found[query["_id"]][MEASURES[figure]]
                values.setdefault((query["subset"], figure), []).append(value)
    return {key: float(np.mean(one)) for key, one in values.items()}


def reported(result: Evaluation, which: str) -> dict[tuple[str, str], float]:
    return {
        (figure.subset, figure.metric): getattr(figure.comparison, which).value
        for figure in result.figures
        if figure.metric in MEASURES
    }


@pytest.mark.parametrize("baseline", ["static", "bm25"])
def test_pytrec_eval_gives_the_figures_of_the_report(
    static_models: tuple[Path, Path], dual_view_folder: Path, plain: Path, tmp_path: Path, baseline: str
) -> None:
    result = evaluate(
        static_models[0],
        dual_view_folder,
        scifact=plain,
        baseline=static_models[1] if baseline == "static" else baseline,
        out=tmp_path,
        save_runs=True,
    )
    for which in ("model", "baseline"):
        found = {
            **recompute(tmp_path / "runs", "tiny", which),
            **recompute(tmp_path / "runs", "plain", which),
        }
        expected = reported(result, which)
        assert len(expected) == 2 * 4 + 3
        assert found == {key: pytest.approx(value, abs=1e-6) for key, value in expected.items()}


def three_passages() -> CandidateSets:
    """One query with passages a, b, c; its set has views that want a and b, so that c is not judged."""
    passages = {letter: {"docid": letter, "title": "", "text": letter} for letter in "abc"}
    row: dict[str, Any] = {
        "query_id": "q",
        "set_id": "s",
        "query": "query",
        "instruction": "nothing on b",
        "reversed_instruction": "nothing on a",
        "positive": passages["a"],
        "reversed_positive": passages["b"],
        "other_instruction_negatives": [passages["c"]],
        "hard_negatives": [],
        "source": "own",
    }
    return benchmark_from_rows([row], name="own")


def test_passages_without_a_judgement_are_marked_and_left_out(tmp_path: Path) -> None:
    benchmark = three_passages()
    # c is first: with it in the ranking, nDCG@10 of the first view would be 0.63.
    run = {request.key: {"c": 3.0, "a": 2.0, "b": 1.0} for request in benchmark.requests()}
    save_run(tmp_path / "model", benchmark, run, "system")
    save_judgements(tmp_path, benchmark)
    trec = (tmp_path / "own.qrels.trec").read_text().splitlines()
    assert "s@0/corpus 0 a 1" in trec and "s@0/corpus 0 b 0" in trec and "s@0/corpus 0 c -1" in trec
    assert {line for line in trec if line.startswith("q ")} == {f"q 0 {letter} 1" for letter in "abc"}
    ranked = (tmp_path / "model" / "own.trec").read_text().splitlines()
    assert sum(line.startswith("s@0/corpus Q0 ") for line in ranked) == 2
    assert sum(line.startswith("q Q0 ") for line in ranked) == 3
    figure = benchmark.figures(run)["own"].mean("instructed_ndcg_at_10")
    assert figure == pytest.approx((1 + 0.6309297535714575) / 2)
    assert recompute(tmp_path, "own", "model")["own", "instructed_ndcg_at_10"] == pytest.approx(figure)
    queries = [json.loads(line) for line in (tmp_path / "own.queries.jsonl").read_text().splitlines()]
    over_source, over_all = (
        next(query for query in queries if query["_id"] == f"s@0/{part}") for part in ("source", "corpus")
    )
    # Among the documents of the source, c is judged: both instructions rule it out.
    assert "s@0/source 0 c 0" in trec and (over_source["ranked"], over_source["left_out"]) == (
        "3 candidates",
        0,
    )
    assert over_source["figures"] == ["right_first", "violating_first", "mrr"]
    assert over_all == {
        "_id": "s@0/corpus",
        "text": "query",
        "instruction": "nothing on b",
        "query_id": "q",
        "subset": "own",
        "ranked": "corpus",
        "figures": ["instructed_ndcg_at_10"],
        "left_out": 1,
    }


def test_qrels_in_beirs_form_are_those_in_trecs(tmp_path: Path) -> None:
    save_judgements(tmp_path, three_passages())
    heading, *beir = (tmp_path / "own.qrels.tsv").read_text().splitlines()
    trec = [line.split(" ") for line in (tmp_path / "own.qrels.trec").read_text().splitlines()]
    assert heading == "query-id\tcorpus-id\tscore"
    assert [line.split("\t") for line in beir] == [[query, docid, label] for query, _, docid, label in trec]


@pytest.mark.parametrize(("make", "name"), [(followir, "News21"), (exclusion, "exclusion")])
def test_local_benchmarks_of_other_kinds(tmp_path: Path, make: Any, name: str) -> None:
    benchmark = read_benchmark(make(tmp_path / "exclusion").path)
    run = {
        request.key: {docid: float(place) for place, docid in enumerate("bacd")}
        for request in benchmark.requests()
    }
    save_run(tmp_path / "runs" / "model", benchmark, run, "x")
    save_judgements(tmp_path / "runs", benchmark)
    found = recompute(tmp_path / "runs", name, "model")
    figures = benchmark.figures(run)[""]
    assert found and found == {key: pytest.approx(figures.mean(key[1])) for key in found}


def test_two_benchmarks_do_not_share_a_file() -> None:
    check_names(["a", "b", "org/a"])
    with pytest.raises(InputError, match="'org/a' and 'org-a' would be saved in the same file"):
        check_names(["org/a", "org-a"])
