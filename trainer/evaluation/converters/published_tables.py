"""Tables that others publish: JSON, JSON Lines, CSV, TSV or Parquet, whichever is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from dualview.cards.errors import InputError
from dualview.cards.text_files import read_json, read_objects
from dualview.cards.text_files import read_table as read_csv

_ENDINGS = tuple(f"{kind}{packed}" for kind in (".jsonl", ".json", ".csv", ".tsv") for packed in ("", ".gz"))
_ENDINGS += (".parquet",)


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
    kind = Path(path.name.removesuffix(".gz")).suffix
    if kind == ".parquet":
        rows: Any = _read_parquet(path)
    elif kind == ".json":
        rows = read_json(path)
    elif kind == ".jsonl":
        rows = (record for _, record in read_objects(path))
    else:
        rows = (record for _, record in read_csv(path, "\t" if kind == ".tsv" else ","))
    if isinstance(rows, (dict, str, int, float)) or rows is None:
        raise InputError(f"{path}: holds no list of rows")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise InputError(f"{path}, row {number}: is no object with columns; download the file again")
        yield number, row


def _read_parquet(path: Path) -> list[dict[str, Any]]:
    try:
        return list(pyarrow.parquet.read_table(path).to_pylist())
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: cannot be read ({reason}); download it again") from error


def text_of(where: str, record: Any, *names: str) -> str:  # noqa: ANN401 - whatever a file holds
    """Take a text from the first of some columns that exists; numbers become text.

    :raises InputError: if none does, or the record has no columns.
    """
    for name in names:
        value = record.get(name) if isinstance(record, dict) else None
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return str(value)
    raise InputError(f"{where}: lacks the column {names[0]!r}; download the file again")


def whole_number(where: str, value: object) -> int:
    """Read a label, which some files write as 1.0.

    :raises InputError: if it is no number.
    """
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        raise InputError(f"{where}: the label {value!r} is no number; download the file again") from None
