"""Local folders of every kind: a tiny one of each, its figures by hand, and what can be wrong with them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from trainer.errors import InputError
from trainer.evaluation.benchmarks.local import read_benchmark
from trainer.evaluation.candidate_sets import CandidateSets
from trainer.evaluation.metrics import MissingQueryError, Run

DOCUMENTS = [{"_id": name, "title": "", "text": f"about {name}"} for name in "abcd"]


class Folder:
    """A benchmark's folder in the making."""

    def __init__(self, path: Path, kind: str | None = None, **settings: str) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        if kind:
            (path / "benchmark.json").write_text(json.dumps({"kind": kind, **settings}))
        self.lines("corpus", DOCUMENTS)

    def lines(self, name: str, records: list[Any]) -> None:
        text = "".join(json.dumps(record) + "\n" for record in records)
        (self.path / f"{name}.jsonl").write_text(text)

    def qrels(self, name: str, text: str) -> None:
        path = self.path / f"{name}.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("query-id\tcorpus-id\tscore\n" + text.replace(" ", "\t"))


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


def candidate_sets(path: Path, second: str = "q b 1\n") -> Folder:
    folder = Folder(path, "candidate_sets", name="pairs")
    folder.lines("queries", [{"_id": "q", "text": "bare", "source": "one"}])
    folder.lines(
        "views",
        [
            {"query_id": "q", "view": "first", "instruction": "this"},
            {"query_id": "q", "view": "second", "instruction": "that", "lever": "region", "style": "plain"},
        ],
    )
    folder.qrels("qrels/first", "q a 1\n")
    folder.qrels("qrels/second", second)
    return folder


def test_candidate_sets(tmp_path: Path) -> None:
    folder = candidate_sets(tmp_path)
    folder.lines("candidates", [{"query_id": "q", "docids": ["a", "b", "c"]}])
    benchmark = read_benchmark(folder.path)
    assert isinstance(benchmark, CandidateSets)
    texts = {request.key: (request.query, request.instruction) for request in benchmark.requests()}
    views = {"q@0": ("bare", "this"), "q@1": ("bare", "that")}
    assert texts == {"q": ("bare", ""), **views, **{f"{key}/corpus": text for key, text in views.items()}}
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
    half = means(benchmark, answer(benchmark, q="cabd", q_at_0="abc", q_at_1="abc"), "one")
    assert (half["flip_accuracy"], half["view_accuracy"], half["p_mrr"]) == (0, 0.5, 0)
    assert benchmark.chances() == {("one", "flip_accuracy"): 0.25, ("one", "view_accuracy"): 0.5}
    assert benchmark.counts() == {"one": "1 sets of 2 instructions"}


def test_views_that_word_the_query_themselves_have_no_bare_query(tmp_path: Path) -> None:
    folder = candidate_sets(tmp_path)
    folder.lines(
        "views", [{"query_id": "q", "view": view, "query": f"{view}?"} for view in ("first", "second")]
    )
    benchmark = read_benchmark(folder.path)
    assert [(request.key, request.query, request.instruction) for request in benchmark.requests()] == [
        ("q@0", "first?", ""),
        ("q@0/corpus", "first?", ""),
        ("q@1", "second?", ""),
        ("q@1/corpus", "second?", ""),
    ]
    found = benchmark.figures(answer(benchmark, q_at_0="ab", q_at_1="ba"))["one"]
    assert "bare_query_ndcg_at_10" not in found.values and found.mean("flip_accuracy") == 1


def followir(path: Path) -> Folder:
    folder = Folder(path, "followir", name="News21", measure="ndcg_at_5")
    folder.lines("queries", [{"_id": "q", "text": "?"}])
    folder.lines(
        "views",
        [
            {"query_id": "q", "view": "original", "instruction": "all"},
            {"query_id": "q", "view": "changed", "instruction": "but a"},
        ],
    )
    folder.lines("candidates", [{"query_id": "q", "docids": ["a", "b", "c", "d"]}])
    folder.qrels("qrels/original", "q a 1\nq b 1\nq c 0\n")
    folder.qrels("qrels/changed", "q a 0\nq b 1\nq c 1\n")
    return folder


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


def infosearch(path: Path, worded: bool = False) -> Folder:
    folder = Folder(path, "infosearch")
    folder.lines("queries", [{"_id": "q", "text": "?"}])
    views = [
        {"query_id": "q", "view": "instructed", "instruction": "short ones"},
        {"query_id": "q", "view": "reversed", "instruction": "no short ones"},
    ]
    if worded:
        views.append({"query_id": "q", "view": "original", "instruction": "any"})
        folder.qrels("qrels/original", "q a 1\nq b 1\nq c 0\n")
    folder.lines("views", views)
    folder.qrels("qrels/instructed", "q a 1\nq b 0\nq c 0\n")
    return folder


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


def exclusion(path: Path, labels: str = "q a 1\nq b 0\n") -> Folder:
    folder = Folder(path, "exclusion")
    folder.lines("queries", [{"_id": "q", "text": "a, not b"}])
    folder.qrels("qrels", labels)
    return folder


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


QUERY = {"_id": "q", "text": "?"}
VIEW = {"query_id": "q", "view": "first", "instruction": "this"}


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (
            "corpus.jsonl",
            [{"_id": "a", "text": "x"}, {"_id": "a", "text": "y"}],
            "line 2: document 'a' is there twice",
        ),
        ("corpus.jsonl", [{"_id": "a"}], "line 1: the field 'text' is missing"),
        ("corpus.jsonl", [{"_id": 7, "text": "x"}], "line 1: the field '_id' is missing or no string"),
        ("corpus.jsonl", ["a"], "line 1: is no JSON object"),
        ("corpus.jsonl", b'{"_id": "a", "text": "x"}\n{"_id', "line 2: is not JSON"),
        ("corpus.jsonl", b"\xff\xfe\n", "line 1: is not UTF-8"),
        ("corpus.jsonl", [], "holds no document"),
        ("queries.jsonl", [QUERY, QUERY], "line 2: query 'q' is there twice"),
        ("queries.jsonl", [QUERY, {"_id": "r", "text": "?"}], "query 'r' has 0 views; add the partner"),
        ("views.jsonl", [VIEW], "query 'q' has 1 views; add the partner or remove the query"),
        ("views.jsonl", [VIEW, VIEW], "line 2: view 'first' of 'q' is there twice"),
        ("views.jsonl", [{**VIEW, "query_id": "r"}], "line 1: unknown query 'r'"),
        ("views.jsonl", [{**VIEW, "view": "../x"}], "cannot name a file"),
        ("qrels/first.tsv", b"q\ta\t1\nq\tz\t1\n", "line 2: unknown document 'z'; add it to the corpus"),
        ("qrels/first.tsv", b"r\ta\t1\n", "line 1: unknown query 'r'"),
        ("qrels/first.tsv", b"q\ta\t1\nq\ta\t0\n", "line 2: 'q' and 'a' are judged twice"),
        ("qrels/first.tsv", b"q a 1\n", "line 1: needs query id, document id and a whole number"),
        ("qrels/first.tsv", b"q\ta\tnan\n", "line 1: needs query id"),
        ("qrels/first.tsv", b"q\ta\t1\nq\tb\t1\n", "query 'q' has 2 relevant documents"),
        ("qrels/second.tsv", b"q\ta\t1\n", "all views of query 'q' want the same document"),
        ("qrels/second.tsv", None, "lacks qrels/second.tsv"),
        ("corpus.jsonl", None, "lacks corpus.jsonl"),
        ("candidates.jsonl", [{"query_id": "q", "docids": ["a", "z"]}], "line 1: unknown document 'z'"),
        ("candidates.jsonl", [{"query_id": "q", "docids": ["a", "a"]}], "line 1: a document is there twice"),
        ("candidates.jsonl", [{"query_id": "q", "docids": "a"}], "docids must be a list"),
        ("benchmark.json", b"{", "is no readable JSON"),
        ("benchmark.json", b'{"kind": "sets"}', "kind 'sets' is none of retrieval, candidate_sets"),
        ("benchmark.json", b'{"kind": "retrieval", "nmae": "x"}', "unknown key 'nmae'"),
        ("benchmark.json", b'{"kind": "followir", "measure": "map"}', "measure 'map' is none of"),
    ],
)
def test_bad_folders_name_file_row_and_remedy(tmp_path: Path, file: str, content: Any, message: str) -> None:
    folder = candidate_sets(tmp_path)
    path = folder.path / file
    if content is None:
        path.unlink()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        folder.lines(path.stem, content)
    with pytest.raises(InputError) as caught:
        read_benchmark(folder.path)
    assert message in str(caught.value)
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "view"), [(followir, "changed"), (followir, "original"), (infosearch, "reversed")]
)
def test_an_instruction_without_its_partner_is_an_error(tmp_path: Path, make: Any, view: str) -> None:
    folder = make(tmp_path)
    kept = [json.loads(line) for line in (folder.path / "views.jsonl").read_text().splitlines()]
    folder.lines("views", [record for record in kept if record["view"] != view])
    with pytest.raises(InputError, match=f"query 'q' has no view '{view}'; add the partner"):
        read_benchmark(folder.path)


def test_an_exclusion_needs_both_documents(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it has 1 and 0"):
        read_benchmark(exclusion(tmp_path, "q a 1\n").path)


def test_retrieval_needs_a_relevant_document(tmp_path: Path) -> None:
    folder = exclusion(tmp_path, "q a 0\n")
    (folder.path / "benchmark.json").unlink()
    with pytest.raises(InputError, match="no query has a relevant document"):
        read_benchmark(folder.path)
    with pytest.raises(InputError, match="no such folder"):
        read_benchmark(tmp_path / "none")
