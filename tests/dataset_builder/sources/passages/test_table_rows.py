"""Tables of every kind give the same rows."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas
import pyarrow
import pyarrow.parquet
import pytest
from datasets import Dataset

from dualview.cards.errors import InputError
from dualview.dataset_builder.sources.passages.table_rows import can_be_rows, rows_of_file, rows_of_object

ROWS = [{"id": "a", "text": 'One, "two"\nthree', "year": 1950}, {"id": "b", "text": "Vier", "year": None}]


def write(folder: Path, kind: str) -> Path:
    path = folder / f"own.{kind}"
    frame = pandas.DataFrame(ROWS).astype({"year": "Int64"})
    if kind == "parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)
    elif kind == "jsonl.gz":
        path.write_bytes(gzip.compress(frame.to_json(orient="records", lines=True).encode()))
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_csv(path, index=False, sep="\t" if kind == "tsv" else ",", encoding="utf-8-sig")
    return path


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "csv", "tsv", "parquet"])
def test_files_of_all_kinds(kind: str, tmp_path: Path) -> None:
    found = [dict(row.fields) for row in rows_of_file(write(tmp_path, kind))]
    assert [row["text"] for row in found] == [row["text"] for row in ROWS]
    assert str(found[0]["year"]) == "1950" and found[1]["year"] is None


def test_objects_of_all_kinds() -> None:
    for table in (pandas.DataFrame(ROWS), pyarrow.Table.from_pylist(ROWS), Dataset.from_list(ROWS)):
        assert can_be_rows(table)
        assert [row.fields["text"] for row in rows_of_object(table, "table")] == [row["text"] for row in ROWS]
    assert not can_be_rows(ROWS)


def test_columns_of_mixed_kinds_are_one_line() -> None:
    mixed = pandas.DataFrame({"text": ["a", {"b": 1}]})
    with pytest.raises(InputError, match="table: cannot be read as a table"):
        list(rows_of_object(mixed, "table"))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        (
            "own.csv",
            b"text,year\nGr\xfcn,1950\n",
            "own.csv, line 2: is not UTF-8 text; save the file as UTF-8",
        ),
        ("own.csv", b"text\none,two\n", "line 2: has more cells"),
        ("own.parquet", b"PAR1 no", "own.parquet, from row 0 on: cannot be read"),
        ("own.jsonl", b"", "own.jsonl: is empty"),
    ],
)
def test_broken_tables_are_one_line(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=said):
        list(rows_of_file(tmp_path / name))
