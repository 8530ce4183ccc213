"""Rows of a data set in Parquet or JSONL, in local files or on the Hub: streamed, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet
from datasets import IterableDataset, load_dataset
from datasets.exceptions import DatasetNotFoundError
from httpx2 import HTTPError
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from dualview.cards.errors import InputError, reason_of
from dualview.dataset_builder.json_rows import Row, read_rows
from dualview.dataset_builder.sources.pipes import copy_if_pipe

_SUFFIXES = (".parquet", ".jsonl", ".jsonl.gz")
# Rows with thirty passages each: a few megabytes.
_BATCH = 128


def find_record_files(path: Path) -> list[Path]:
    """The Parquet or JSONL files that a path names, or that the folder holds, in the order of their names.

    :raises InputError: if there are none, or of both kinds.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; check the path")
    if not path.is_dir():
        if not path.name.endswith(_SUFFIXES):
            raise InputError(f"{path}: is not a {', '.join(_SUFFIXES)} file; give one, or a folder of them")
        return [copy_if_pipe(path)]
    found = sorted(file for file in path.rglob("*") if file.name.endswith(_SUFFIXES) and file.is_file())
    if not found:
        raise InputError(f"{path}: holds no {', '.join(_SUFFIXES)} file; check the path")
    if len({file.suffix == ".parquet" for file in found}) > 1:
        raise InputError(f"{path}: holds Parquet and JSONL files; give a folder with one kind of them")
    return found


def read_records(files: Sequence[Path], columns: Sequence[str]) -> Iterator[Row]:
    """The rows of local files, one after the other.

    :param columns: columns to read from a Parquet file, which must have all of them.
    :raises InputError: if a file cannot be read, or lacks a column.
    """
    for file in files:
        if file.suffix == ".parquet":
            yield from _read_parquet(file, columns)
        else:
            for _, row in read_rows(file):
                yield row


def pin_revision(dataset: str, revision: str | None) -> str:
    """The commit of a data set on the Hub that a branch or tag now means, so that every pass reads the same.

    :raises InputError: if the data set or the revision does not exist, or the Hub cannot be reached.
    """
    try:
        commit = HfApi().dataset_info(dataset, revision=revision).sha
    except (OSError, HFValidationError, HfHubHTTPError, HTTPError) as error:
        raise _unreachable(dataset, error) from error
    if commit is None:
        raise InputError(f"{dataset}: the Hub names no commit of it; give one as the revision")
    return commit


def stream_records(dataset: str, split: str, revision: str, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of a data set on the Hub, as they arrive; nothing is kept on disk.

    :param revision: a commit; see :func:`pin_revision`.
    :raises InputError: if the data set cannot be read, or lacks a column.
    """
    try:
        stream = load_dataset(dataset, split=split, revision=revision, streaming=True)
        assert isinstance(stream, IterableDataset)
        if stream.column_names is not None:
            _require_columns(f"{dataset} ({split})", stream.column_names, columns)
        for number, fields in enumerate(stream):
            yield Row(f"{dataset} ({split}), row {number}", fields)
    except (OSError, ValueError, DatasetNotFoundError, HfHubHTTPError) as error:
        raise _unreachable(f"{dataset} ({split})", error) from error


def _read_parquet(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    number = 0
    try:
        with parquet.ParquetFile(file) as opened:
            _require_columns(str(file), opened.schema_arrow.names, columns)
            for batch in opened.iter_batches(batch_size=_BATCH, columns=list(columns)):
                for fields in batch.to_pylist():
                    yield Row(f"{file}, row {number}", fields)
                    number += 1
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise InputError(
            f"{file}, from row {number} on: cannot be read ({reason}); download or write it again"
        ) from error


def _require_columns(where: str, present: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in present]
    if missing:
        raise InputError(
            f"{where}: lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            f"it has {', '.join(present) or 'none'}"
        )


def _unreachable(what: str, error: Exception) -> InputError:
    reason = reason_of(error)
    return InputError(
        f"{what}: cannot be read from the Hub ({reason}); check the id, the revision and the network"
    )
