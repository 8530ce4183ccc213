"""BEIR's layout: what is read of it, what is mined from it, and what is no such folder."""

from __future__ import annotations

import argparse
import codecs
import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.dataset_builder.schema import AnswerSet, PlainQuery
from dualview.dataset_builder.sources.beir import beir_source
from dualview.dataset_builder.sources.beir.beir_files import find_beir_files
from dualview.dataset_builder.sources.beir.beir_settings import BeirSettings, add_arguments
from dualview.dataset_builder.sources.text_settings import TextSettings
from dualview.trainer.evaluation.benchmarks.folders.layout import read_folder

CORPUS = {
    "d1": ("Red pandas", "Red pandas eat bamboo leaves and live in trees of the Himalaya."),
    "d2": ("Feeding red pandas", "In zoos red pandas eat bamboo, pellets and fruit."),
    "d3": ("Giant pandas", "Giant pandas eat bamboo stems. They are bears."),
    "d4": ("Copper", "Copper conducts heat and electricity well."),
    "d5": ("Bronze", "Bronze is copper with tin."),
    "d6": ("", "Zinc and copper make brass."),
}
QUERIES = {"q1": "what do red pandas eat", "q2": "what is bronze", "q3": "nobody answers this"}
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq1\td4\t0\nq2\td5\t1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "pandas")


def write_folder(folder: Path) -> Path:
    (folder / "qrels").mkdir(parents=True)
    passages = [
        {"_id": i, "title": title, "text": text, "metadata": {}} for i, (title, text) in CORPUS.items()
    ]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(passage) + "\n" for passage in passages))
    lines = [json.dumps({"_id": i, "text": text}) for i, text in QUERIES.items()]
    (folder / "queries.jsonl").write_text("\n".join(lines))
    (folder / "qrels" / "train.tsv").write_text(QRELS)
    return folder


def open_folder(folder: Path | str, **changes: Any) -> beir_source.BeirSource:
    """The source, with settings of these flags."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = argparse.Namespace(**(vars(parser.parse_args([])) | changes))
    text = TextSettings(license="mit", language="en")
    (source,) = beir_source.open_sources(str(folder), BeirSettings.from_arguments(args), text)
    return source


def read(folder: Path, **changes: Any) -> list[AnswerSet | PlainQuery]:
    source = open_folder(folder, **changes)
    items = list(source)
    assert list(source) == items
    return items


def test_a_query_with_answers_brings_both_views_to_be_written(folder: Path) -> None:
    pandas, bronze = read(folder, near_candidates=2, hard_negatives=2)
    assert isinstance(pandas, AnswerSet)
    assert (pandas.query_id, pandas.query) == ("q1", QUERIES["q1"])
    assert (pandas.source, pandas.license) == ("pandas", "mit")
    # A score of 0 is no answer, and no answer is a negative.
    assert [passage.docid for passage in pandas.answers] == ["d1", "d2"]
    assert [passage.docid for passage in (*pandas.candidates, *pandas.hard_negatives)] == ["d3"]
    assert pandas.answers[0].title == "Red pandas"
    assert bronze.query_id == "q2"
    assert {p.docid for p in bronze.answers} == {"d5"}


def test_one_answer_without_a_likely_second_is_plain(folder: Path) -> None:
    (bronze,) = [item for item in read(folder, negatives="none") if item.query_id == "q2"]
    assert bronze == PlainQuery("q2", QUERIES["q2"], bronze.answers, (), "pandas", "mit")


def test_gzip_and_a_single_qrels_file_give_the_same(folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed" / "pandas"
    packed.mkdir(parents=True)
    for name in ("corpus.jsonl", "queries.jsonl"):
        (packed / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
    # As some write it: no heading, and a blank line at the end.
    bare = QRELS.split("\n", 1)[1] + "\n"
    (packed / "qrels.tsv.gz").write_bytes(gzip.compress(bare.encode()))
    assert read(packed) == read(folder)


def test_a_model_finds_neighbours_too(folder: Path, minilm_path: Path) -> None:
    model = str(minilm_path)
    pandas, _ = read(folder, negatives="both", negatives_model=model, near_candidates=1, hard_negatives=3)
    assert isinstance(pandas, AnswerSet)
    found = [passage.docid for passage in (*pandas.candidates, *pandas.hard_negatives)]
    # By the model every passage has a rank, by BM25 only d3 shares a word.
    assert found[0] == "d3" and 1 < len(found) == len(set(found)) <= 4
    assert not {"d1", "d2"} & set(found)


def test_equal_passages_are_one(folder: Path) -> None:
    with (folder / "corpus.jsonl").open("a") as file:
        file.write(json.dumps({"_id": "d7", "title": "Copy", "text": CORPUS["d5"][1].upper()}) + "\n")
        file.write(json.dumps({"_id": "d8", "text": " "}) + "\n")
    with (folder / "qrels" / "train.tsv").open("a") as file:
        file.write("q2\td7\t1\nq2\td8\t1\nq2\tnone\t1\nq3\tnone\t1\n")
    items = {item.query_id: item for item in read(folder)}
    assert [passage.docid for passage in items["q2"].answers] == ["d5"]
    assert "q3" not in items


def test_what_is_left_out_is_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dangling = "q2\tnone\t1\nq9\td1\t1\nq9\td2\t1\nq1\td1\t2\n"
    (folder / "qrels" / "train.tsv").write_text(QRELS + dangling + "q3\td4\t0\n")
    items = read(folder)
    errors = capsys.readouterr().err
    for words in (
        "train.tsv: 2 judgements of queries that the folder lacks, such as 'q9'; left out",
        "train.tsv: 1 judgement of documents that the corpus lacks, such as 'none'; left out",
        "train.tsv: 1 repeated lines; each counts once",
        "left out 1 judged query without text, or without an answer that has text",
        "2 queries, 6 passages",
    ):
        assert errors.count(words) == 1
    (folder / "qrels" / "train.tsv").write_text(QRELS)
    assert read(folder) == items
    for line in dangling.splitlines():
        (folder / "qrels" / "train.tsv").write_text(f"{QRELS}{line}\n")
        with pytest.raises(InputError, match=r"train\.tsv, line 6: .*remove the line|keep one line"):
            read(folder, strict=True)


def test_queries_without_a_second_passage_are_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read(folder, negatives="none")
    assert "pandas: no instructions for 1 of 2 queries" in capsys.readouterr().err
    (folder / "qrels" / "train.tsv").write_text(QRELS + "q2\td4\t1\n")
    read(folder, negatives="none")
    assert "no instructions for" not in capsys.readouterr().err


def _marked(path: Path) -> None:
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())


def _utf_16(path: Path) -> None:
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))


def _with_crlf(path: Path) -> None:
    path.write_bytes(b"\r\n" + path.read_bytes().replace(b"\n", b"\r\n"))


def _packed(path: Path) -> None:
    path.write_bytes(gzip.compress(path.read_bytes()))


@pytest.mark.parametrize("change", [_marked, _utf_16, _with_crlf, _packed])
def test_builder_and_evaluation_read_the_forms_that_people_bring(
    folder: Path, change: Callable[[Path], None]
) -> None:
    items = read(folder)
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/train.tsv"):
        change(folder / name)
    assert read(folder) == items
    _must_be_measured(folder)


@pytest.mark.parametrize(
    "qrels",
    [
        QRELS.replace("query-id\tcorpus-id\tscore", "query_id\tdoc_id\trelevance"),
        QRELS.replace("\t1\n", "\t1.0\n"),
        QRELS + "q1\td1\t2\n",
        QRELS + "q1\td9\t1\nq9\td1\t1\n",
    ],
    ids=["another heading", "grades with a point", "a pair twice", "absent"],
)
def test_builder_and_evaluation_read_the_same_judgements(folder: Path, qrels: str) -> None:
    items = read(folder)
    (folder / "qrels" / "train.tsv").write_text(qrels)
    with (folder / "corpus.jsonl").open("a") as file:
        file.write('{"_id": "d7", "title": "Only a title", "text": null}\n')
    assert read(folder) == items
    _must_be_measured(folder)


def _must_be_measured(folder: Path) -> None:
    """Read the judgements as the evaluation does, which looks for those of the test split."""
    (folder / "qrels" / "train.tsv").rename(folder / "qrels" / "test.tsv")
    answers = read_folder(folder).qrels[""]
    # The evaluation keeps judgements of absent documents.
    assert {query: {d: n for d, n in labels.items() if d != "d9"} for query, labels in answers.items()} == {
        "q1": {"d1": 2, "d2": 1, "d4": 0},
        "q2": {"d5": 1},
    }


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "qrels/train.tsv",
            "q1 d1 1\n",
            r"train.tsv, line 1: needs query id, document id",
        ),
        ("qrels/train.tsv", QRELS + "q1\td1\tyes\n", r"train.tsv, line 6: needs query id"),
        ("qrels/train.tsv", QRELS + "q1\td1\tnan\n", r"line 6: needs query id"),
        ("qrels/train.tsv", QRELS + "q1\td1\t0.5\n", r"line 6: needs query id"),
        ("qrels/train.tsv", QRELS + "q1\td1\t1\n", r"line 6: 'q1' and 'd1' are judged twice, 2 and 1"),
        ("qrels/train.tsv", "a\tb\t1\n", r"no query has an answer in corpus.jsonl"),
        ("qrels/train.tsv", b"\xe9\n", r"train.tsv, line 1: is not UTF-8"),
        ("corpus.jsonl", '{"_id": "d", "text": "a"}\n' * 2, r"corpus.jsonl, line 2: has the id 'd' again"),
        (
            "queries.jsonl",
            '{"_id": "q1", "text": "a"}\n' * 2,
            r"queries.jsonl, line 2: has the id 'q1' again",
        ),
        ("corpus.jsonl", '{"text": "a"}', r"corpus.jsonl, line 1: lacks the field '_id'"),
        ("queries.jsonl", '{"_id": 1, "text": "a"}', r"queries.jsonl, line 1: the field '_id' is a number"),
    ],
)
def test_a_wrong_line_is_named(folder: Path, name: str, content: str | bytes, message: str) -> None:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message):
        read(folder)


def test_a_folder_in_another_layout_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"qrels: has no test.tsv but train; choose with --beir-split"):
        read(folder, beir_split="test")
    with pytest.raises(InputError, match="no such folder"):
        read(tmp_path / "none")
    shutil.rmtree(folder / "qrels")
    with pytest.raises(InputError, match=r"has neither qrels.tsv nor qrels.tsv.gz"):
        read(folder)
    with pytest.raises(InputError, match="--source beir needs a folder"):
        open_folder("")


def test_settings_that_contradict_each_other_are_named(folder: Path) -> None:
    with pytest.raises(InputError, match="name one with --negatives-model"):
        read(folder, negatives="model")
    with pytest.raises(InputError, match=r"--negatives-model .*none: cannot be loaded"):
        read(folder, negatives="model", negatives_model=str(folder / "none"))
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser)
    for flags in (["--negatives-margin", "2"], ["--hard-negatives", "-1"]):
        with pytest.raises(argparse.ArgumentError):
            parser.parse_args(flags)


CELL = st.sampled_from(["q1", "q2", "d1", "d3", "1", "0", "-1", "score", "1e400", ""]) | st.text(max_size=5)


@settings(max_examples=200)
@given(st.lists(st.lists(CELL, max_size=4).map("\t".join), max_size=6).map("\n".join))
def test_any_judgements_are_read_or_one_clear_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any-judgements"
    if not folder.exists():
        write_folder(folder)
    qrels = folder / "qrels" / "train.tsv"
    qrels.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        _, questions = find_beir_files(folder, "train").read()
    except InputError as error:
        assert str(error).startswith(str(qrels)) and "\n" not in str(error)
    else:
        assert questions and all(question.answers for _, question in questions)


def test_scifact_as_it_lies_there(shared_data: Path) -> None:
    items = read(shared_data / "scifact")
    assert len(items) == 300
    for item in items:
        answers = {passage.docid for passage in item.answers}
        assert answers and not answers & {passage.docid for passage in item.hard_negatives}


def test_queries_without_judgements_are_counted(folder: Path, capsys: Any) -> None:
    list(open_folder(folder, negatives="none"))
    assert (
        "queries.jsonl: 1 of 3 queries have no judgement in train.tsv and are left out"
        in capsys.readouterr().err
    )


def test_a_corpus_without_queries_gives_its_passages(tmp_path: Path, capsys: Any) -> None:
    folder = tmp_path / "pandas"
    folder.mkdir()
    lines = [
        {
            "_id": f"{group}{name}",
            "title": f"Town{group}",
            "text": f"The port of Town{group} is by Anna B{group}{name}.",
        }
        for group in range(5)
        for name in "kmq"
    ]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    source = open_folder(folder)
    items = list(source)
    assert len(items) == 5 and {passage.docid for passage in items[0].answers} <= {
        line["_id"] for line in lines
    }
    assert items[0].source == "pandas" and "15 rows gave 15 passages" in capsys.readouterr().err
