"""Reading what others publish: JSON, JSON Lines, CSV, TSV or Parquet, whichever is there."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.folder_files import read_objects

_ENDINGS = (".jsonl", ".jsonl.gz", ".json", ".csv", ".tsv", ".parquet")


def find_tables(folder: Path, name: str) -> list[Path]:
    """Find the files of a table: ``NAME.ext``, ``NAME-*.ext``, or all files of the folder ``NAME``.

    :raises InputError: if there are none.
    """
    candidates = [*folder.glob(f"{name}.*"), *folder.glob(f"{name}-*"), *(folder / name).glob("*")]
    found = sorted(path for path in candidates if path.is_file() and path.name.endswith(_ENDINGS))
    if not found:
        raise InputError(f"{folder}: lacks a table {name!r} ({', '.join(_ENDINGS)}); download it again")
    return found


def read_tables(paths: list[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read the rows of some files, each with its place for errors.

    :raises InputError: if a file cannot be read.
    """
    for path in paths:
        for row, record in read_table(path):
            yield f"{path}, row {row}", record


def read_table(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read the rows of a file, counted from 1.

    :raises InputError: if it cannot be read.
    """
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        yield from read_objects(path)
        return
    try:
        if path.suffix == ".parquet":
            rows = pyarrow.parquet.read_table(path).to_pylist()
        elif path.suffix == ".json":
            rows = json.loads(path.read_text(encoding="utf-8"))
        else:
            delimiter = "\t" if path.suffix == ".tsv" else ","
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file, delimiter=delimiter))
    except (OSError, ValueError, csv.Error, pyarrow.ArrowException) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    if not isinstance(rows, list):
        raise InputError(f"{path}: holds no list of rows")
    yield from enumerate(rows, start=1)


def text_of(where: str, record: dict[str, Any], *names: str) -> str:
    """Take a text from the first of some columns that is there; numbers become text.

    :raises InputError: if none is there.
    """
    for name in names:
        value = record.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return str(value)
    raise InputError(f"{where}: lacks the column {names[0]!r}")
