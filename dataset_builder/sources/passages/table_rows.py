"""Rows of tables, one after the other: JSONL, CSV, Parquet, data sets on the Hub, and data frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import pyarrow
import pyarrow.parquet as parquet
from datasets import Dataset, IterableDataset

from dualview.cards.errors import InputError, reason_of
from dualview.cards.text_files import read_table
from dualview.dataset_builder.json_rows import Row, read_rows

_JSON = (".jsonl", ".ndjson", ".json")
_CSV = {".csv": ",", ".tsv": "\t"}
_PARQUET = ".parquet"
#: Ends of the names of files that are tables.
TABLE_SUFFIXES = (*_JSON, *_CSV, _PARQUET)
_BATCH = 256


def table_suffix(path: Path) -> str | None:
    """The end of a table's name, without that of its compression; None for a file that is no table."""
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    return suffix if suffix in TABLE_SUFFIXES else None


def rows_of_file(path: Path) -> Iterator[Row]:
    """The rows of a table in a file, which is known by its name.

    :raises InputError: if it cannot be read.
    """
    suffix = table_suffix(path)
    if suffix == _PARQUET:
        yield from _rows_of_parquet(path)
    elif suffix in _CSV:
        for line, cells in read_table(path, _CSV[suffix]):
            if None in cells:
                raise InputError(
                    f"{path}, line {line}: has more cells than the first line has names; check its quotes"
                )
            yield Row(f"{path}, line {line}", {name: cell or None for name, cell in cells.items()})
    else:
        for _, row in read_rows(path):
            yield row


def numbered_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """The rows of a table in a file with the numbers by which messages and ids name them, from 1."""
    suffix = table_suffix(path)
    if suffix in _CSV or suffix == _PARQUET:
        return enumerate(rows_of_file(path), start=1)
    return read_rows(path)


def can_be_rows(found: object) -> bool:
    """Tell whether an object is a data frame or a data set."""
    return isinstance(found, (Dataset, IterableDataset)) or hasattr(found, "__arrow_c_stream__")


def rows_of_object(table: object, name: str) -> Iterator[Row]:
    """The rows of a data frame (pandas, Polars, PyArrow) or a data set of the library ``datasets``.

    :raises InputError: if its columns are of kinds that no table in a file can have.
    """
    if isinstance(table, (Dataset, IterableDataset)):
        found = cast(Iterable[dict[str, Any]], table)
    else:
        found = _rows_of_arrow(table, name)
    for number, fields in enumerate(found):
        yield Row(f"{name}, row {number}", fields)


def _rows_of_arrow(table: object, name: str) -> Iterator[dict[str, Any]]:
    try:
        for batch in pyarrow.RecordBatchReader.from_stream(table):
            for start in range(0, len(batch), _BATCH):
                yield from batch.slice(start, _BATCH).to_pylist()
    except (pyarrow.ArrowException, TypeError, ValueError) as error:
        raise InputError(
            f"{name}: cannot be read as a table ({reason_of(error)}); give each column values of one kind"
        ) from error


def _rows_of_parquet(path: Path) -> Iterator[Row]:
    number = 0
    try:
        with parquet.ParquetFile(path) as opened:
            for batch in opened.iter_batches(batch_size=_BATCH):
                for fields in batch.to_pylist():
                    yield Row(f"{path}, row {number}", fields)
                    number += 1
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(
            f"{path}, from row {number} on: cannot be read ({reason_of(error)}); download or write it again"
        ) from error
