"""Rows and files that are not of Promptriever's corpus: one clear line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet as parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.dataset_builder.schema import CandidateSet
from tests.dataset_builder.promptriever_rows import instance, miniature, parse, read


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
        ("a.csv", b"", "is not a .parquet, .jsonl, .jsonl.gz file"),
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


def test_a_parquet_file_that_was_cut_is_named(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(miniature()), whole)
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
