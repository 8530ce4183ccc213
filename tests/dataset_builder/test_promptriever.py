"""Promptriever's corpus: what becomes a candidate set, what is plain, and what is no row of it."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet as parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset_builder import promptriever
from dataset_builder.errors import InputError
from dataset_builder.jsonl import Row
from dataset_builder.promptriever import parse_instance
from dataset_builder.schema import CandidateSet, PlainQuery
from dataset_builder.sources import SourceFacts

MINIATURE = Path(__file__).parent / "data" / "promptriever.jsonl"
FACTS = SourceFacts("promptriever", "other", "somewhere.")
ROOT = Path(__file__).resolve().parents[2]


def arguments(**changes: Any) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    promptriever.add_arguments(parser)
    given_arguments = vars(parser.parse_args([])) | {"license": "unknown", "origin": None} | changes
    return argparse.Namespace(**given_arguments)


def read(path: Path, **changes: Any) -> list[CandidateSet | PlainQuery]:
    (source,) = promptriever.open_sources(str(path), arguments(**changes))
    return list(source)


def instance(**changes: Any) -> dict[str, Any]:
    passage = {"docid": "1", "title": "One", "text": "The first text."}
    written = {"explanation": "breaks it", "followir_score": 0.1, "joint_id": "7_2"}
    fields = {
        "query_id": "7-instruct",
        "query": "a query with an instruction",
        "only_query": "a query",
        "only_instruction": "with an instruction",
        "has_instruction": True,
        "positive_passages": [passage],
        "new_negatives": [passage | written | {"docid": "2", "text": "The second text."}],
        "negative_passages": [passage | {"docid": "3", "text": "The third text."}],
    }
    return fields | changes


def parse(**changes: Any) -> CandidateSet | PlainQuery | None:
    return parse_instance(Row("f.jsonl, line 3", instance(**changes)), FACTS)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in MINIATURE.read_text(encoding="utf-8").splitlines()]


def test_rows_with_an_instruction_negative_are_sets_and_all_others_plain(rows: list[dict[str, Any]]) -> None:
    items = read(MINIATURE)
    assert len(items) == len(rows) == 40
    for row, item in zip(rows, items, strict=True):
        assert item.query == row["only_query"]
        assert item.query_id == row["query_id"].removesuffix("-instruct")
        if row["new_negatives"]:
            assert isinstance(item, CandidateSet)
            assert item.set_id == row["query_id"]
            assert item.instruction == row["only_instruction"]
            assert item.positive.text == row["positive_passages"][0]["text"]
            assert [p.text for p in item.instruction_negatives] == [p["text"] for p in row["new_negatives"]]
            assert [p.docid for p in item.hard_negatives] == [p["docid"] for p in row["negative_passages"]]
        else:
            assert isinstance(item, PlainQuery)
            assert [p.text for p in item.answers] == [p["text"] for p in row["positive_passages"]]
    assert {len(item.instruction_negatives) for item in items if isinstance(item, CandidateSet)} == {1, 2, 3}
    assert (
        sum(row["has_instruction"] for row in rows)
        == 20
        > sum(isinstance(i, CandidateSet) for i in items)
        > 0
    )


def test_a_missing_title_of_ms_marco_is_none(rows: list[dict[str, Any]]) -> None:
    assert any(passage["title"] == "-" for row in rows for passage in row["negative_passages"])
    titles = {passage.title for item in read(MINIATURE) for passage in item.hard_negatives}
    assert "-" not in titles and "" in titles


def test_parquet_gzip_and_folders_give_the_same_items(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    expected = read(MINIATURE)
    packed = tmp_path / "rows.jsonl.gz"
    packed.write_bytes(gzip.compress(MINIATURE.read_bytes()))
    assert read(packed) == expected
    folder = tmp_path / "corpus"
    (folder / "data").mkdir(parents=True)
    for shard, part in enumerate((rows[:25], rows[25:])):
        name = f"train-{shard:05}-of-00002.parquet"
        parquet.write_table(pyarrow.Table.from_pylist(part), folder / "data" / name)
    assert read(folder) == expected
    (source,) = promptriever.open_sources(str(folder), arguments())
    assert list(source) == list(source) == expected
    assert [name for name, _ in source.describe().files] == [
        "train-00000-of-00002.parquet",
        "train-00001-of-00002.parquet",
    ]


def test_what_no_passage_can_be_is_left_out() -> None:
    used = {"docid": "9", "title": "", "text": "The FIRST  text."}
    empty, broken = used | {"text": " "}, used | {"text": "\0"}
    item = parse(
        negative_passages=[used, empty, broken, used | {"text": "\ud800"}, used | {"text": "Other."}],
        new_negatives=[used, used | {"text": "Second."}, used | {"text": None}],
    )
    assert isinstance(item, CandidateSet)
    assert [p.text for p in item.instruction_negatives] == ["Second."]
    assert [p.text for p in item.hard_negatives] == ["Other."]
    assert isinstance(parse(new_negatives=[used]), PlainQuery)
    assert isinstance(parse(new_negatives=None), PlainQuery)
    assert isinstance(parse(only_instruction=""), PlainQuery)


def test_rows_without_a_positive_are_counted_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.jsonl"
    lines = [
        instance(),
        instance(query_id="8", positive_passages=[]),
        instance(query_id="9", only_query=None),
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (source,) = promptriever.open_sources(str(path), arguments())
    assert len(list(source)) == len(list(source)) == 1
    assert capsys.readouterr().err.count("left out 2 rows") == 1


def test_an_id_that_comes_again_is_another_set(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    lines = [instance(), instance(only_instruction="another instruction"), instance(query_id="8-instruct")]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (source,) = promptriever.open_sources(str(path), arguments())
    ids = [item.set_id for item in source if isinstance(item, CandidateSet)]
    assert ids == ["7-instruct", "7-instruct-again-1", "8-instruct"]
    assert {item.query_id for item in source} == {"7", "8"}
    assert list(source) == list(source)


def test_a_plain_row_may_lack_only_query() -> None:
    item = parse(query_id="7", has_instruction=False, only_query="", query="a bare query")
    assert isinstance(item, PlainQuery) and item.query == "a bare query"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"query_id": None}, "lacks the field 'query_id'"),
        ({"query_id": 7}, "'query_id' is a number"),
        ({"has_instruction": "yes"}, "'has_instruction' is neither true nor false"),
        ({"positive_passages": "text"}, "'positive_passages' is a string"),
        ({"new_negatives": ["text"]}, r"'new_negatives\[0\]' is a string"),
        (
            {"negative_passages": [{"docid": "1", "text": 3}]},
            r"negative_passages\[0\]: the field 'text' is a num",
        ),
        ({"only_instruction": ["a"]}, "'only_instruction' is a list"),
    ],
)
def test_a_row_of_another_shape_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"f.jsonl, line 3.*{message}"):
        parse(**changes)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is no .parquet, .jsonl, .jsonl.gz file"),
        ("a.parquet", b"no parquet", "a.parquet, from row 0 on: cannot be read"),
        ("a.jsonl", b"{", "a.jsonl, line 1: is not JSON"),
        ("a.jsonl", b"", "is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read(tmp_path / name)


def test_folders_and_columns_that_are_not_the_corpus_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        read(tmp_path / "corpus" / "none")
    with pytest.raises(InputError, match=r"holds no .parquet"):
        read(tmp_path)
    parquet.write_table(pyarrow.table({"query_id": ["1"], "query": ["a"]}), tmp_path / "a.parquet")
    with pytest.raises(
        InputError, match=r"a.parquet: lacks the columns only_query, .*; it has query_id, query"
    ):
        read(tmp_path)
    (tmp_path / "b.jsonl").write_text("{}")
    with pytest.raises(InputError, match="holds Parquet and JSONL files"):
        read(tmp_path)


def test_a_parquet_file_that_was_cut_is_named(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    whole = tmp_path / "whole.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(rows), whole)
    cut = tmp_path / "cut.parquet"
    content = bytearray(whole.read_bytes())
    content[1000:40000] = b"\xff" * 39000
    cut.write_bytes(content)
    with pytest.raises(InputError, match=r"cut.parquet, from row \d+ on: cannot be read"):
        read(cut)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["docid", "title", "text"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(sorted(instance())), ANYTHING))
def test_any_row_is_an_item_or_one_clear_line(changes: dict[str, Any]) -> None:
    try:
        item = parse(**changes)
    except InputError as error:
        assert str(error).startswith("f.jsonl, line 3") and "\n" not in str(error)
        return
    if item is not None:
        passages = (
            (item.positive, *item.instruction_negatives) if isinstance(item, CandidateSet) else item.answers
        )
        texts = [passage.text for passage in (*passages, *item.hard_negatives)]
        assert item.query.strip() and passages and all(text.strip() for text in texts)
        assert len(set(texts)) == len(texts)
        "".join((item.query, *texts)).encode("utf-8")


ON_THE_HUB = """
import json, sys
from pathlib import Path
from huggingface_hub import HfApi
from tests.dataset_builder.test_promptriever import arguments
from dataset_builder import promptriever
from dataset_builder.errors import InputError

HfApi().create_repo("org/instructed", repo_type="dataset")
HfApi().upload_folder(folder_path=sys.argv[1], repo_id="org/instructed", repo_type="dataset")
(source,) = promptriever.open_sources("org/instructed", arguments())
first = list(source)
HfApi().delete_folder("data", repo_id="org/instructed", repo_type="dataset")
(again,) = promptriever.open_sources(sys.argv[2], arguments())
assert list(source) == first == list(again), "another commit was read"
assert source.revision in source.describe().origin
for name, revision in (("org/none", None), ("org/instructed", "no-such-branch")):
    try:
        promptriever.open_sources(name, arguments(promptriever_revision=revision))
    except InputError as error:
        print(error)
"""


def test_the_corpus_is_streamed_from_the_hub_at_one_commit(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    from tests.hub.server import serving
    from tests.hub.state import Hub

    (tmp_path / "repo" / "data").mkdir(parents=True)
    parquet.write_table(
        pyarrow.Table.from_pylist(rows), tmp_path / "repo" / "data" / "train-00000-of-00001.parquet"
    )
    with serving(Hub(tmp_path / "hub"), 0) as hub:
        environment = os.environ | {
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": next(iter(hub.accounts.tokens)),
            "HF_HOME": str(tmp_path / "home"),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
        }
        done = subprocess.run(
            [sys.executable, "-c", ON_THE_HUB, str(tmp_path / "repo"), str(MINIATURE)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    missing, branch = done.stdout.splitlines()
    assert missing.startswith("org/none: cannot be read from the Hub (")
    assert branch.startswith("org/instructed: cannot be read from the Hub (")
