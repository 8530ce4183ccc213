"""A wrong table or row of an attributed corpus: one clear line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.__main__ import main
from dualview.dataset_builder.writers.facets.corpora import load_corpus_table
from tests.dataset_builder.writers.facets.own_corpus import (
    TABLE,
    open_corpus,
    row,
    with_,
    write_rows,
    write_table,
)

FAULTS: list[tuple[Any, str]] = [
    ("- a", "is not a mapping"),
    ("a: [", "not a readable YAML file (line 1"),
    ("", "is not a mapping"),
    (with_(nmae="x"), "unknown key 'nmae'"),
    ({**TABLE, "name": None}, "lacks 'name'"),
    (with_(attributes={}), "has no 'attributes'"),
    (with_(attributes={"year": {"reads": "that"}}), "attribute 'year': has no wordings"),
    (with_(noun={"one": "a film"}), "'noun' has only 'one'"),
    (with_(passage={"texts": "body"}), "passage: unknown key 'texts'"),
    (with_(passage={"text": 3}), "'passage' is not a mapping of strings"),
    (with_(topics=None), "topics: is not a mapping"),
    (with_(topics={"query": ["x"]}), "'group_by' is not a list"),
    (with_(topics={"group_by": ["dish"], "query": ["x"]}), "'dish' names no field"),
    (with_(topics={"group_by": [{"field": "dish"}], "query": ["soup"]}), "the query 'soup' lacks {dish}"),
    (
        with_(topics={"group_by": [{"field": "dish", "take": "last"}], "query": ["{dish}"]}),
        "'take' is 'last'",
    ),
    (
        with_(topics={"group_by": [{"field": "dish"}], "query": ["{dish}"], "most_passages": 1}),
        "'most_passages' is '1'",
    ),
    (
        with_(
            attributes={"needs": {"reads": "that", "templates": ["with {value}"], "shown_by": {"a": ["b"]}}}
        ),
        "has 'shown_by' without 'shown_in_text: true'",
    ),
]


@pytest.mark.parametrize(("table", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_wrong_table_is_one_clear_line(tmp_path: Path, table: Any, said: str) -> None:
    path = write_table(tmp_path, table)
    with pytest.raises(InputError) as caught:
        load_corpus_table(str(path))
    message = str(caught.value)
    assert message.startswith(str(path)) and said in message and "\n" not in message


def test_a_table_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such table; give a YAML file, or one of medquad, movies"):
        load_corpus_table("books")
    with pytest.raises(InputError, match="no such table"):
        load_corpus_table(str(tmp_path / "none.yaml"))
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        load_corpus_table(str(tmp_path / "latin.yaml"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row(1), row(2, body="")], "line 2: the field 'body' is empty"),
        ([{"dish": "Soup", "year": 1950}], "line 1: lacks the field 'body'"),
        ([row(1), row(2, needs={"a": 1})], "line 2: the field 'needs' is neither text, a number, nor a list"),
        ([row(1), "{"], "line 2: is not JSON"),
        ([row(1), row(2), row(3, id="a"), row(4, id="a")], "line 4: the id of line 3 again"),
        ([row(1, id="a"), row(2, dish="Bread")], "no two passages agree in the fields of 'group_by'"),
    ],
)
def test_a_wrong_row_is_one_clear_line(read: Callable[..., Any], rows: list[Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(rows, with_(passage={"text": "body", "id": "id"}))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_the_source_needs_a_file_and_a_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names no file"):
        open_corpus("", "movies")
    with pytest.raises(InputError, match="needs --facets"):
        open_corpus("own.jsonl", None)
    with pytest.raises(InputError, match="no such file"):
        open_corpus(tmp_path / "own.jsonl", "movies")


def test_a_value_without_wording_stops_the_build_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = with_(attributes={"needs": {"reads": "that", "values": {"salt": ["with salt"]}}})
    data = write_rows(tmp_path / "own.jsonl", [row(1, needs="salt"), row(2, needs="pepper")])
    path = write_table(tmp_path, table)
    out = tmp_path / "out"
    assert main(["build", "--source", f"attributed:{data}", "--facets", str(path), "--out", str(out)]) == 2
    message = capsys.readouterr().err.splitlines()[-1]
    assert "attribute 'needs': has no wording for the value 'pepper'; list it" in message
    assert not out.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"attributes": {"yaer": TABLE["attributes"]["year"]}}, "yaer"),
        ({"topics": {"group_by": [{"field": "dihs"}], "query": ["{dihs}"]}}, "dihs"),
        ({"passage": {"text": "body", "title": "nmae"}}, "nmae"),
        ({"passage": {"text": "body", "id": "docid"}}, "docid"),
    ],
)
def test_a_field_that_no_passage_has_is_refused_with_those_there_are(
    read: Callable[..., Any], changes: dict[str, Any], field: str
) -> None:
    rows = [row(number) for number in range(1, 5)]
    with pytest.raises(InputError) as caught:
        read(rows, with_(**changes))
    message = str(caught.value)
    assert f"own.yaml: names the field '{field}', which no passage of" in message and "\n" not in message
    assert message.endswith("its fields are body, dish, name, needs, year")
    if "topics" not in changes:  # a topic takes two passages
        rows[2][field] = "1950"
        assert read(rows, with_(**changes))
