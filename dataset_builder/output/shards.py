"""Parquet shards in the Hub's layout, written row by row in little memory."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Features

from dualview.dataset_builder.output.folder import writing_to
from dualview.dataset_builder.schema import CONFIGS, SPLITS

# A row group is what a reader must hold at once, and what the writer holds for each config and split.
_GROUP_ROWS = 1_000
_GROUP_CHARACTERS = 4_000_000
# The Hub streams and resumes by file; it suggests files of some hundred megabytes.
_SHARD_CHARACTERS = 500_000_000


class SplitWriter:
    """Writes the rows of one split of one config into shards ``SPLIT-00000-of-0000N.parquet``.

    The number of shards is known at the end only, so the files get their names then. Without any row there is
    no file: a file without rows cannot be loaded.
    """

    def __init__(
        self, folder: Path, split: str, features: Features, shard_characters: int | None = None
    ) -> None:
        self.rows = 0
        self._folder = folder
        self._split = split
        self._schema = features.arrow_schema
        self._shard_characters = shard_characters or _SHARD_CHARACTERS
        self._shards: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self._group: list[Mapping[str, Any]] = []
        self._group_characters = 0
        self._written_characters = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row; it reaches the disk with its row group."""
        self.rows += 1
        self._group.append(row)
        self._group_characters += _count_characters(row)
        if len(self._group) >= _GROUP_ROWS or self._group_characters >= _GROUP_CHARACTERS:
            self._write_group()

    def finish(self) -> None:
        """Write what is left and give the shards their names."""
        self._write_group()
        self._close_shard()
        for number, path in enumerate(self._shards):
            path.rename(self._folder / f"{self._split}-{number:05}-of-{len(self._shards):05}.parquet")

    def close(self) -> None:
        """Close the file in hand, for a build that failed; its folder is removed."""
        self._close_shard()

    def _write_group(self) -> None:
        if not self._group:
            return
        if self._writer is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f".{self._split}-{len(self._shards):05}.parquet"
            self._shards.append(path)
            # Chunks cut by content let the Hub store only what changed between two versions.
            self._writer = pq.ParquetWriter(
                path,
                self._schema,
                compression="zstd",
                use_content_defined_chunking=True,
                write_page_index=True,
            )
        self._writer.write_table(pa.Table.from_pylist(self._group, schema=self._schema))
        self._written_characters += self._group_characters
        self._group, self._group_characters = [], 0
        if self._written_characters >= self._shard_characters:
            self._close_shard()

    def _close_shard(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer, self._written_characters = None, 0


class DatasetWriter:
    """All configs and splits of a dataset, below ``data/`` of its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers = {
            (config, split): SplitWriter(folder / "data" / config, split, features)
            for config, features in CONFIGS.items()
            for split in SPLITS
        }

    def add(self, config: str, split: str, row: Mapping[str, Any]) -> None:
        """Add a row to one config and split."""
        with writing_to(self._folder):
            self._writers[config, split].add(row)

    def finish(self) -> dict[str, dict[str, int]]:
        """Write what is left; the rows of each config and split, without those that have none."""
        rows: dict[str, dict[str, int]] = {}
        for (config, split), writer in self._writers.items():
            with writing_to(self._folder):
                writer.finish()
            if writer.rows:
                rows.setdefault(config, {})[split] = writer.rows
        return rows

    def close(self) -> None:
        """Close the files in hand, also after an error."""
        for writer in self._writers.values():
            with contextlib.suppress(OSError):
                writer.close()


def _count_characters(value: Any) -> int:  # noqa: ANN401 - any JSON-like value
    """The length of all strings in a row; called for each, so it spares calls and looks at exact types."""
    if type(value) is dict:
        value = value.values()
    elif type(value) is str:
        return len(value)
    elif type(value) not in (list, tuple):
        return 0
    count = 0
    for entry in value:
        count += len(entry) if type(entry) is str else _count_characters(entry)
    return count
