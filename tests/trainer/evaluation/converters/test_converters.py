"""Published files, tiny ones in their formats, become local benchmarks."""

from __future__ import annotations

import codecs
import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dualview.trainer.evaluation.benchmarks.folders.local import read_benchmark
from dualview.trainer.evaluation.convert import main
from dualview.trainer.evaluation.rankers.ranker import Request


def write_lines(path: Path, records: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def converted(kind: str, source: Path, tmp_path: Path) -> Any:
    out = tmp_path / "made" / kind
    assert main([kind, str(source), str(out)]) == 0
    return read_benchmark(out)


def needed(benchmark: Any) -> list[Request]:
    return [request for request in benchmark.requests() if not request.optional]


def test_nevir(tmp_path: Path) -> None:
    source = tmp_path / "test.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["id", "WorkerId", "q1", "q2", "doc1", "doc2"])
        writer.writeheader()
        writer.writerow(
            {"id": "7", "q1": "which may fly", "q2": "which may not", "doc1": "birds, and", "doc2": "pigs"}
        )
    benchmark = converted("nevir", source, tmp_path)
    requests = {request.query: request.candidates for request in needed(benchmark)}
    assert requests == {"which may fly": ("7/1", "7/2"), "which may not": ("7/1", "7/2")}
    assert benchmark.documents == {"7/1": "birds, and", "7/2": "pigs"}
    assert [view.positive for view in benchmark.sets[0].views] == ["7/1", "7/2"]


def test_the_form_of_a_published_table_changes_nothing(tmp_path: Path) -> None:
    text = 'id,q1,q2,doc1,doc2\n7,a,b,"one, two","three\nfour"\n'
    forms = {
        "test.csv": codecs.BOM_UTF8 + text.replace("7,a", "\n7,a").encode(),
        "test.csv.gz": gzip.compress(text.encode("utf-16")),
        "test.tsv": text.replace(",", "\t").replace("one\t two", "one, two").encode(),
    }
    for number, (name, content) in enumerate(forms.items()):
        (tmp_path / name).write_bytes(content)
        benchmark = converted("nevir", tmp_path / name, tmp_path / str(number))
        assert benchmark.documents == {"7/1": "one, two", "7/2": "three\nfour"}


def test_pairs(tmp_path: Path) -> None:
    source = write_lines(
        tmp_path / "pairs.jsonl",
        [
            {
                "id": "1",
                "query": "lakes",
                "first": {"instruction": "In Asia.", "positive": "Baikal"},
                "second": {"instruction": "Not in Asia.", "positive": "Victoria"},
            },
            {
                "id": "2",
                "first": {"query": "films and war", "positive": "Platoon"},
                "second": {"query": "films not war", "positive": "Amélie"},
            },
        ],
    )
    benchmark = converted("pairs", source, tmp_path)
    asked = [(request.query, request.instruction) for request in needed(benchmark)]
    assert asked == [
        ("lakes", ""),
        ("lakes", "In Asia."),
        ("lakes", "Not in Asia."),
        ("films and war", ""),
        ("films not war", ""),
    ]


def test_condaqa(tmp_path: Path) -> None:
    both = {"query": "did it rain?", "positive": "It rained.", "violating": "It did not."}
    source = write_lines(
        tmp_path / "pairs.jsonl",
        [
            {"id": "4/q1/yes", "want": "YES", **both},
            {"id": "4/q1/no", "want": "NO", **both, "positive": "It did not.", "violating": "It rained."},
        ],
    )
    benchmark = converted("condaqa", source, tmp_path)
    instructions = [request.instruction for request in needed(benchmark)]
    assert instructions[1:] == [
        "The answer to the question must be yes.",
        "The answer to the question must be no.",
    ]
    assert [benchmark.documents[view.positive] for view in benchmark.sets[0].views] == [
        "It rained.",
        "It did not.",
    ]


def test_excluir(tmp_path: Path) -> None:
    source = tmp_path / "excluir"
    source.mkdir()
    (source / "corpus.json").write_text(json.dumps(["about a", "about b", "about c"]))
    (source / "test_manual_final.json").write_text(json.dumps([{"ExcluQ": "b but not a", "index": [0, 1]}]))
    benchmark = converted("excluir", source, tmp_path)
    (request,) = benchmark.requests()
    assert (request.query, request.candidates) == ("b but not a", None)
    figures = benchmark.figures({request.key: {"1": 2.0, "0": 1.0, "2": 0.0}})[""]
    assert figures.mean("recall_at_1") == figures.mean("right_rank") == 1


def infosearch_source(path: Path) -> Path:
    write_lines(
        path / "corpus.jsonl", [{"_id": n, "title": "", "text": f"text {n}"} for n in ("d1", "d2", "d3")]
    )
    query = {
        "_id": "q1",
        "text": "how to knit",
        "instruction_og": "",
        "instruction_changed": "In one sentence.",
        "instruction_reversed": "Not in one sentence.",
    }
    path.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist([query]), path / "queries-00000-of-00001.parquet")
    for name, labels in (("og", (1, 1, 0)), ("changed", (1, 0, 0)), ("reversed", (0, 1, 0))):
        folder = path / f"qrels_{name}"
        folder.mkdir()
        rows = [f"q1\td{number}\t{label}.0" for number, label in enumerate(labels, start=1)]
        (folder / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(rows))
    return path


def test_infosearch(tmp_path: Path) -> None:
    benchmark = converted("infosearch", infosearch_source(tmp_path / "Length-v1"), tmp_path)
    asked = {request.key: request.instruction for request in benchmark.requests()}
    assert asked == {
        "q1@original": "",
        "q1@instructed": "In one sentence.",
        "q1@reversed": "Not in one sentence.",
    }
    run = {
        "q1@original": {"d2": 0.9, "d1": 0.8, "d3": 0.1},
        "q1@instructed": {"d1": 0.9, "d2": 0.8, "d3": 0.1},
        "q1@reversed": {"d2": 0.9, "d3": 0.8, "d1": 0.1},
    }
    figures = benchmark.figures(run)[""]
    # d1 is gold, d2 was relevant without the instruction and is not with it.
    assert (figures.mean("infosearch_p_mrr"), figures.mean("sicr"), figures.mean("wise")) == (0.5, 1, 1)


def test_mair_of_one_part_and_of_several(tmp_path: Path) -> None:
    query = {"qid": "1", "instruction": "Find code.", "query": "sort", "labels": [{"id": "d", "score": 2}]}
    single = tmp_path / "single"
    write_lines(single / "queries.jsonl", [query])
    write_lines(single / "docs.jsonl", [{"id": "d", "doc": "sorted(x)"}, {"id": "e", "doc": "len(x)"}])
    (request,) = converted("mair", single, tmp_path).requests()
    assert (request.instruction, request.candidates) == ("Find code.", None)
    several = tmp_path / "several"
    for part in ("format_", "length_"):
        write_lines(several / f"{part}queries.jsonl", [query])
        write_lines(several / f"{part}docs.jsonl", [{"id": "d", "doc": f"{part} text"}])
    out = tmp_path / "made" / "several"
    assert main(["mair", str(several), str(out)]) == 0
    asked = {request.key: request.candidates for request in read_benchmark(out).requests()}
    assert asked == {"format_1": ("format_d",), "length_1": ("length_d",)}


def test_what_cannot_be_converted_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lonely = write_lines(
        tmp_path / "lonely.jsonl", [{"id": "4/yes", "want": "YES", "query": "?", "positive": "x"}]
    )
    same = write_lines(
        tmp_path / "same.jsonl",
        [
            {
                "id": "1",
                "query": "?",
                **{side: {"instruction": side, "positive": "x"} for side in ("first", "second")},
            }
        ]
        * 2,
    )
    bare = write_lines(tmp_path / "bare.jsonl", [{"id": "1", "first": {"positive": "x"}, "second": {}}])
    columns = write_lines(tmp_path / "columns.jsonl", [{"id": "1", "q1": "?"}])
    broken = infosearch_source(tmp_path / "broken")
    (broken / "qrels_og" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td9\t1\n")
    full = tmp_path / "full"
    write_lines(full / "x.jsonl", [])
    for kind, source, out, message in (
        ("condaqa", lonely, "out", "row 1: pair '4' has only one side; add its partner"),
        ("pairs", same, "out", "row 2: pair '1' is there twice"),
        ("pairs", bare, "out", "'first' has neither a query of its own nor an instruction"),
        ("nevir", columns, "out", "row 1: lacks the column 'doc1'"),
        ("nevir", tmp_path / "none.csv", "out", "cannot be read"),
        ("infosearch", broken, "out", "unknown document 'd9'"),
        ("infosearch", tmp_path, "out", "lacks a table 'corpus'"),
        ("mair", tmp_path, "out", "lacks a table 'queries'"),
        ("excluir", tmp_path, "out", "cannot be read"),
        ("infosearch", broken, "full", "already exists"),
    ):
        assert main([kind, str(source), str(tmp_path / out)]) == 2
        shown = capsys.readouterr().err
        assert message in shown and shown.startswith("error: ") and shown.count("\n") == 1
        assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".*"))
