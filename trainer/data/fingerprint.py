"""Fingerprint of training data: the same rows give the same one, from a folder and from the Hub."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
from datasets import Dataset

from dualview.trainer.data.candidate_rows import NEEDED_COLUMNS

_ROWS_AT_A_TIME = 1000
_COLUMNS = (*NEEDED_COLUMNS, "paraphrased_instruction")


def fingerprint_of(datasets: Iterable[Mapping[str, Dataset]], columns: Sequence[str] = _COLUMNS) -> str:
    """Hash the needed columns of every split to 16 hexadecimal digits.

    :param datasets: for each dataset, split name -> rows of the config ``dual_view``.
    :param columns: of the rows, where they are of another config.
    """
    digest = hashlib.sha256()
    for splits in datasets:
        for split in sorted(splits):
            there = [column for column in columns if column in splits[split].column_names]
            rows = splits[split].select_columns(there).with_format("arrow")
            digest.update(f"\x1e{split}\x1f{len(rows)}".encode())
            for table in rows.iter(batch_size=_ROWS_AT_A_TIME):
                digest.update(_content(table))
    return digest.hexdigest()[:16]


def _content(table: pa.Table) -> bytes:
    """Serialise a table so that the bytes depend on the values alone, not on chunks or slices."""
    batch = table.replace_schema_metadata(None).combine_chunks().to_batches()
    # Taking the rows by number copies them into fresh buffers without offsets.
    fresh = [
        pa.RecordBatch.from_arrays([c.take(pa.array(range(len(c)))) for c in b.columns], b.schema.names)
        for b in batch
    ]
    return b"".join(bytes(part.serialize()) for part in fresh)
