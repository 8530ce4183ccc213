"""Promptriever's corpus: what becomes a candidate set, and what is plain."""

from __future__ import annotations

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

from dualview.dataset_builder.schema import CandidateSet, PlainQuery
from tests.dataset_builder.promptriever_rows import MINIATURE, instance, miniature, open_corpus, parse, read

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return miniature()


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
    source = open_corpus(folder)
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
    source = open_corpus(path)
    assert len(list(source)) == len(list(source)) == 1
    assert capsys.readouterr().err.count("left out 2 rows") == 1


def test_an_id_that_comes_again_is_another_set(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    lines = [instance(), instance(only_instruction="another instruction"), instance(query_id="8-instruct")]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    source = open_corpus(path)
    ids = [item.set_id for item in source if isinstance(item, CandidateSet)]
    assert ids == ["7-instruct", "7-instruct-again-1", "8-instruct"]
    assert {item.query_id for item in source} == {"7", "8"}
    assert list(source) == list(source)


def test_a_plain_row_may_lack_only_query() -> None:
    item = parse(query_id="7", has_instruction=False, only_query="", query="a bare query")
    assert isinstance(item, PlainQuery) and item.query == "a bare query"


ON_THE_HUB = """
import json, sys
from pathlib import Path
from huggingface_hub import HfApi
from tests.dataset_builder.promptriever_rows import open_corpus
from dualview.cards.errors import InputError

HfApi().create_repo("org/instructed", repo_type="dataset")
HfApi().upload_folder(folder_path=sys.argv[1], repo_id="org/instructed", repo_type="dataset")
source = open_corpus("org/instructed")
first = list(source)
HfApi().delete_folder("data", repo_id="org/instructed", repo_type="dataset")
again = open_corpus(sys.argv[2])
assert list(source) == first == list(again), "another commit was read"
assert source.revision in source.describe().origin
for name, revision in (("org/none", None), ("org/instructed", "no-such-branch")):
    try:
        open_corpus(name, revision)
    except InputError as error:
        print(error)
"""


def test_the_corpus_is_streamed_from_the_hub_at_one_commit(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    from tests.hub.loopback.server import serving
    from tests.hub.loopback.state import Hub

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
