"""Local folders of every kind: a tiny one of each, and its figures by hand."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from dualview.trainer.evaluation.benchmarks.folders.local import read_benchmark
from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.metrics import MissingQueryError, Run
from tests.trainer.evaluation.benchmark_folders import Folder, candidate_sets, exclusion, followir, infosearch


def answer(benchmark: Any, **rankings: str) -> Run:
    """A run for a benchmark's requests: rankings by key, written as letters from best to worst."""
    needed = {request.key for request in benchmark.requests() if not request.optional}
    run = {
        key.replace("_at_", "@").replace("_in_", "/"): {
            docid: -float(place) for place, docid in enumerate(letters)
        }
        for key, letters in rankings.items()
    }
    assert needed <= set(run) <= {request.key for request in benchmark.requests()}
    return run


def means(benchmark: Any, run: Run, subset: str = "") -> dict[str, float]:
    figures = benchmark.figures(run)[subset]
    return {name: pytest.approx(figures.mean(name)) for name in figures.values}


def test_beir(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "plain")
    folder.lines("queries", [{"_id": "q", "text": "?"}, {"_id": "unjudged", "text": "?"}])
    folder.qrels("qrels/test", "q a 1\nq b 0\n")
    benchmark = read_benchmark(folder.path)
    assert benchmark.name == "plain" and benchmark.counts() == {"": "1 queries"}
    found = means(benchmark, answer(benchmark, q="bacd"))
    assert found == {
        "ndcg_at_10": 0.6309297535714575,
        "map_at_1000": 0.5,
        "recall_at_100": 1.0,
        "mrr_at_10": 0.5,
    }


def test_beir_without_the_extra_has_ndcg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path)
    folder.lines("queries", [{"_id": "q", "text": "?"}])
    folder.qrels("qrels", "q a 1\n")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    benchmark = read_benchmark(folder.path)
    assert means(benchmark, answer(benchmark, q="bacd")) == {"ndcg_at_10": 0.6309297535714575}


def test_instructed_retrieval(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "retrieval", name="mair")
    folder.lines("queries", [{"_id": "q", "text": "?"}])
    folder.lines("views", [{"query_id": "q", "view": "instructed", "instruction": "Only code."}])
    folder.lines("candidates", [{"query_id": "q", "docids": ["a", "b"]}])
    folder.qrels("qrels", "q a 1\n")
    (request,) = read_benchmark(folder.path).requests()
    assert (request.query, request.instruction, request.candidates) == ("?", "Only code.", ("a", "b"))


def test_candidate_sets(tmp_path: Path) -> None:
    folder = candidate_sets(tmp_path)
    folder.lines("candidates", [{"query_id": "q", "docids": ["a", "b", "c"]}])
    benchmark = read_benchmark(folder.path)
    assert isinstance(benchmark, CandidateSets)
    texts = {request.key: (request.query, request.instruction) for request in benchmark.requests()}
    views = {"q@0": ("bare", "this"), "q@1": ("bare", "that")}
    over_all = {f"{key}/{part}": text for key, text in views.items() for part in ("source", "corpus")}
    assert texts == {"q": ("bare", ""), **views, **over_all}
    found = means(benchmark, answer(benchmark, q="cabd", q_at_0="abc", q_at_1="bca"), "one")
    # a falls 1 → 3, b rises 2 → 1; the bare query finds its answers a and b on ranks 2 and 3.
    assert found == {
        "flip_accuracy": 1.0,
        "view_accuracy": 1.0,
        "margin": 1.5,
        "p_mrr": 1 - 1 / 3,
        "p_mrr_gained": 0.5,
        "bare_query_ndcg_at_10": 0.6934264036172708,
    }
    rankings = {"q": "cabd", "q_at_0": "abc", "q_at_1": "bca"}
    # In the whole corpus a is first, b third.
    whole = means(
        benchmark, answer(benchmark, **rankings, q_at_0_in_corpus="abd", q_at_1_in_corpus="dcb"), "one"
    )
    assert whole == {**found, "instructed_ndcg_at_10": 0.75}
    # A run that lacks one of them has no such figure.
    assert means(benchmark, answer(benchmark, **rankings, q_at_0_in_corpus="abd"), "one") == found
    # The documents of a folder have no source: a is first, then d, which no query names; b is third.
    places = answer(benchmark, **rankings, q_at_0_in_source="abd", q_at_1_in_source="dcba")
    first = {"right_first": 0.5, "violating_first": 0.0, "mrr": (1 + 1 / 3) / 2}
    assert means(benchmark, places, "one") == {**found, **first}
    half = means(benchmark, answer(benchmark, q="cabd", q_at_0="abc", q_at_1="abc"), "one")
    assert (half["flip_accuracy"], half["view_accuracy"], half["p_mrr"]) == (0, 0.5, 0)
    chances = {"right_first": 0.25, "flip_accuracy": 0.25, "view_accuracy": 0.5}
    assert benchmark.chances() == {("one", name): value for name, value in chances.items()}
    assert benchmark.counts() == {"one": "1 sets of 2 instructions"}


def test_what_a_view_rules_out_is_what_others_want_and_what_it_labels_0(tmp_path: Path) -> None:
    folder = candidate_sets(tmp_path, second="q b 1\nq d 0\n")
    kinds = [
        {"query_id": "q", "view": "first", "instruction": "this"},
        {"query_id": "q", "view": "second", "instruction": "that", "kind": "exclusion"},
    ]
    folder.lines("views", kinds)
    benchmark = read_benchmark(folder.path)
    assert isinstance(benchmark, CandidateSets)
    first, second = benchmark.sets[0].views
    assert (first.rejects, second.rejects) == (("b",), ("d", "a"))
    places = {"q_at_0_in_source": "bacd", "q_at_1_in_source": "dbca"}
    found = means(benchmark, answer(benchmark, q="ab", q_at_0="ab", q_at_1="ba", **places), "one")
    assert (found["right_first"], found["violating_first"], found["mrr"]) == (0, 1, 0.5)
    assert found["right_first_exclusions"] == 0 and "right_first_rest" not in found


def test_views_that_word_the_query_themselves_have_no_bare_query(tmp_path: Path) -> None:
    folder = candidate_sets(tmp_path)
    folder.lines(
        "views", [{"query_id": "q", "view": view, "query": f"{view}?"} for view in ("first", "second")]
    )
    benchmark = read_benchmark(folder.path)
    assert [(request.key, request.query, request.instruction) for request in benchmark.requests()] == [
        ("q@0", "first?", ""),
        ("q@0/source", "first?", ""),
        ("q@0/corpus", "first?", ""),
        ("q@1", "second?", ""),
        ("q@1/source", "second?", ""),
        ("q@1/corpus", "second?", ""),
    ]
    found = benchmark.figures(answer(benchmark, q_at_0="ab", q_at_1="ba"))["one"]
    assert "bare_query_ndcg_at_10" not in found.values and found.mean("flip_accuracy") == 1


def test_followir(tmp_path: Path) -> None:
    benchmark = read_benchmark(followir(tmp_path).path)
    found = means(benchmark, answer(benchmark, q_at_original="abcd", q_at_changed="bcda"))
    assert found == {"p_mrr": 0.75, "p_mrr_gained": 1 / 3, "ndcg_at_5": 1.0}


def test_instructir(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "instructir")
    folder.lines("queries", [{"_id": "q", "text": "?"}, {"_id": "r", "text": "?"}])
    folder.lines(
        "views",
        [
            {"query_id": "q", "view": "0", "instruction": "for me"},
            {"query_id": "q", "view": "1", "instruction": "for you"},
            {"query_id": "r", "view": "0", "instruction": "for all"},
        ],
    )
    folder.qrels("qrels/0", "q a 1\nr c 1\n")
    folder.qrels("qrels/1", "q b 1\n")
    benchmark = read_benchmark(folder.path)
    found = means(benchmark, answer(benchmark, q_at_0="abcd", q_at_1="abcd", r_at_0="cabd"))
    second = 0.6309297535714575
    assert found == {"ndcg_at_10": ((1 + second) / 2 + 1) / 2, "robustness_at_10": (second + 1) / 2}


@pytest.mark.parametrize(("worded", "p_mrr"), [(False, (0.5 + 1 / 3) / 2), (True, 1 / 3)])
def test_infosearch(tmp_path: Path, worded: bool, p_mrr: float) -> None:
    benchmark = read_benchmark(infosearch(tmp_path, worded).path)
    first = next(request for request in benchmark.requests() if request.key == "q@original")
    assert first.instruction == ("any" if worded else "")
    run = answer(benchmark, q_at_original="cbad", q_at_instructed="acbd", q_at_reversed="cbda")
    # a: 3 → 1, reversed 4, and its score with it. Three documents are known, or two that were relevant.
    run["q@instructed"]["a"] = 1.0
    found = means(benchmark, run)
    assert found == {"infosearch_p_mrr": p_mrr, "sicr": 1.0, "wise": 0.9 if worded else 1.0}


def test_exclusion(tmp_path: Path) -> None:
    benchmark = read_benchmark(exclusion(tmp_path).path)
    found = means(benchmark, answer(benchmark, q="cab"))
    assert found == {
        "recall_at_1": 0.0,
        "mrr_at_10": 0.5,
        "recall_at_1_gap": 0.0,
        "mrr_at_10_gap": 0.5 - 1 / 3,
        "right_rank": 1.0,
    }


@pytest.mark.parametrize("make", [candidate_sets, followir, infosearch, exclusion])
def test_a_run_without_a_request_is_an_error(tmp_path: Path, make: Any) -> None:
    benchmark = read_benchmark(make(tmp_path).path)
    run = {request.key: {"a": 1.0, "b": 0.0} for request in benchmark.requests()}
    benchmark.figures(run)
    for key in [request.key for request in benchmark.requests() if not request.optional]:
        with pytest.raises(MissingQueryError):
            benchmark.figures({other: scores for other, scores in run.items() if other != key})


def test_files_may_be_gzipped(tmp_path: Path) -> None:
    folder = candidate_sets(tmp_path)
    for path in list(folder.path.rglob("*.jsonl")) + list(folder.path.rglob("*.tsv")):
        with gzip.open(f"{path}.gz", "wb") as file:
            file.write(path.read_bytes())
        path.unlink()
    assert isinstance(read_benchmark(folder.path), CandidateSets)
