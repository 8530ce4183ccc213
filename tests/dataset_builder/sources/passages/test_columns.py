"""Columns of rows: which are found, which are named, and what is no text."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.sources.documents.tally import Tally
from dualview.dataset_builder.sources.passages.columns import ColumnSettings, records_of_rows
from dualview.dataset_builder.sources.passages.record import Record


def read(*rows: dict[str, Any], **named: Any) -> list[Record]:
    found = (Row(f"own.jsonl, line {number}", row) for number, row in enumerate(rows, start=1))
    return list(records_of_rows(found, ColumnSettings(**named), "own", Tally()))


def test_usual_names_are_found_and_other_columns_are_attributes() -> None:
    (record,) = read(
        {
            "_id": 7,
            "Title": "Rice",
            "body": " Wash it. ",
            "year": 1984.0,
            "made": {"in": "Japan"},
            "note": "x" * 90,
        }
    )
    assert (record.passage.docid, record.passage.title, record.passage.text) == ("7", "Rice", "Wash it.")
    assert record.attributes == {"year": ("1984",), "made.in": ("Japan",)}


def test_named_columns_may_be_nested() -> None:
    row = {"text": "no", "meta": {"body": "Wash it.", "tags": ["a", "b"]}, "head": "Rice", "key": "k"}
    (record,) = read(row, text="meta.body", title="head", docid="key", attributes=("meta.tags",))
    assert (record.passage.docid, record.passage.title, record.passage.text) == ("k", "Rice", "Wash it.")
    assert record.attributes == {"meta.tags": ("a", "b")}


def test_an_empty_name_numbers_the_rows_and_takes_no_title() -> None:
    first, second = read(
        {"id": "a", "title": "T", "text": "One."}, {"id": "a", "text": "Two."}, docid="", title=""
    )
    assert [first.passage.docid, second.passage.docid, first.passage.title] == ["own-1", "own-2", ""]


def test_rows_without_text_are_counted_and_ids_may_be_missing() -> None:
    tally = Tally()
    rows = [
        Row(f"row {n}", {"text": text}) for n, text in enumerate(["A text.", None, " ", math.nan, "Another."])
    ]
    found = list(records_of_rows(rows, ColumnSettings(), "own", tally))
    assert [record.passage.docid for record in found] == ["own-1", "own-5"]
    assert tally.left_out == {"rows without text": 3} and tally.read["rows"] == 2


@pytest.mark.parametrize(
    ("row", "named", "said"),
    [
        ({"sentence": "A."}, {}, "line 1: none of the columns is text, .* --text; the columns are sentence"),
        ({"text": "A."}, {"text": "txet"}, "line 1: there is no column 'txet'; .* the columns are text"),
        (
            {"text": "A.", "a": {"b": 1}},
            {"attributes": ("c",)},
            "no row has the column 'c'; the columns are text, a.b",
        ),
        ({"text": "A."}, {"title": "head"}, "no row has the column 'head'"),
        ({"text": ["A."]}, {}, "line 1: the field 'text' is a list; make it a string"),
        ({"text": "A\0"}, {}, "NUL"),
    ],
)
def test_a_wrong_column_names_those_that_are_there(
    row: dict[str, Any], named: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read(row, **named)


def test_a_column_may_come_late() -> None:
    assert len(read({"text": "A."}, {"text": "B."}, {"text": "C.", "year": 1}, attributes=("year",))) == 3
