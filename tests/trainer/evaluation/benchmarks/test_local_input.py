"""Faults of a local benchmark, each told with file, line and remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.folders.local import read_benchmark
from tests.trainer.evaluation.benchmark_folders import candidate_sets, exclusion, followir, infosearch

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
        ("corpus.jsonl", [{"_id": "a"}], "no document has a text; each line needs the field 'text'"),
        ("corpus.jsonl", [{"_id": 7, "text": "x"}], "line 1: the field '_id' is missing or no string"),
        ("corpus.jsonl", ["a"], "line 1: is no JSON object"),
        ("corpus.jsonl", [{"_id": "a", "text": 7}], "line 1: the field 'text' is missing or no string"),
        ("corpus.jsonl", [{"_id": "a", "text": "\ud800"}], "the field 'text' holds a NUL or half of a"),
        ("corpus.jsonl", b'{"_id": "a", "_id": "b", "text": "x"}', "line 1: has the key '_id' twice"),
        ("corpus.jsonl", b'{"_id": "a", "text": "x"}\n{"_id', "line 2: is not JSON"),
        ("corpus.jsonl", b'{"_id": "a"}\n\xff\n', "line 2: is not UTF-8"),
        ("corpus.jsonl", [], "holds no document"),
        ("queries.jsonl", [QUERY, QUERY], "line 2: query 'q' is there twice"),
        ("queries.jsonl", [QUERY, {"_id": "r", "text": "?"}], "query 'r' has 0 views; add the partner"),
        ("views.jsonl", [VIEW], "query 'q' has 1 views; add the partner or remove the query"),
        ("views.jsonl", [VIEW, VIEW], "line 2: view 'first' of 'q' is there twice"),
        ("views.jsonl", [{**VIEW, "query_id": "r"}], "line 1: unknown query 'r'"),
        ("views.jsonl", [{**VIEW, "view": "../x"}], "cannot name a file"),
        ("qrels/first.tsv", b"r\ta\t1\n", "query 'q' has 0 relevant documents"),
        ("qrels/first.tsv", b"q\ta\t1\nq\ta\t0\n", "line 2: 'q' and 'a' are judged twice, 1 and 0; keep one"),
        ("qrels/first.tsv", b"q\ta\t0.5\n", "line 1: needs query id, document id and a whole number"),
        ("qrels/first.tsv", b"q\ta\t1e9\n", "a whole number of at most 1,000"),
        ("qrels/first.tsv", b"q a 1\n", "line 1: needs query id, document id and a whole number"),
        ("qrels/first.tsv", b"q\ta\tnan\n", "line 1: needs query id"),
        ("qrels/first.tsv", b"q\ta\t1\nq\tb\t1\n", "query 'q' has 2 relevant documents"),
        ("qrels/second.tsv", b"q\ta\t1\n", "all views of query 'q' have the same relevant document"),
        ("qrels/second.tsv", None, "lacks qrels/second.tsv"),
        ("corpus.jsonl", None, "lacks corpus.jsonl"),
        ("candidates.jsonl", [{"query_id": "q", "docids": ["a", "z"]}], "line 1: unknown document 'z'"),
        ("candidates.jsonl", [{"query_id": "q", "docids": ["a", "a"]}], "line 1: a document is there twice"),
        ("candidates.jsonl", [{"query_id": "q", "docids": "a"}], "docids must be a list"),
        ("benchmark.json", b"{", "benchmark.json: is not JSON"),
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


def test_documents_without_a_text_stay(tmp_path: Path) -> None:
    folder = candidate_sets(tmp_path)
    with (folder.path / "corpus.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"_id": "e", "title": "Only a title", "text": null}\n{"_id": "f"}\n')
    documents = read_benchmark(folder.path).documents
    assert documents["e"].strip() == "Only a title" and documents["f"] == ""


def test_retrieval_needs_a_relevant_document(tmp_path: Path) -> None:
    folder = exclusion(tmp_path, "q a 0\n")
    (folder.path / "benchmark.json").unlink()
    with pytest.raises(InputError, match="no query with a text has a relevant document"):
        read_benchmark(folder.path)
    with pytest.raises(InputError, match="no such folder"):
        read_benchmark(tmp_path / "none")
