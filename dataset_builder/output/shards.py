"""Parquet shards in the Hub's layout, written row by row in little memory.

The names of the shards end with a digest of what they hold, and so do the card's patterns for them.
``load_dataset`` keeps loaded data under a hash of these patterns, without the folder's path or the files'
times: without the digest it would give the rows of another build.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
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
    """Writes the rows of one split of one config into shards ``SPLIT-00000-of-0000N-DIGEST.parquet``.

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
        self._digest = ""
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
        self._digest = _digest(self._shards)
        for number, path in enumerate(self._shards):
            name = f"{self._split}-{number:05}-of-{len(self._shards):05}-{self._digest}.parquet"
            path.rename(self._folder / name)

    @property
    def pattern(self) -> str:
        """The pattern that matches the finished shards and no others, from the dataset's folder."""
        return f"data/{self._folder.name}/{self._split}-*-{self._digest}.parquet"

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


@dataclass(frozen=True)
class WrittenShards:
    """Rows and file patterns by config and split, without the splits that have no row."""

    rows: dict[str, dict[str, int]]
    patterns: dict[str, dict[str, str]]


class DatasetWriter:
    """All configs and splits of a dataset, below ``data/`` of its folder.

    :param target: the folder's name for messages, where it is a temporary one.
    """

    def __init__(self, folder: Path, target: Path | None = None) -> None:
        self._target = target or folder
        self._writers = {
            (config, split): SplitWriter(folder / "data" / config, split, features)
            for config, features in CONFIGS.items()
            for split in SPLITS
        }

    def add(self, config: str, split: str, row: Mapping[str, Any]) -> None:
        """Add a row to one config and split."""
        with writing_to(self._target):
            self._writers[config, split].add(row)

    def finish(self) -> WrittenShards:
        """Write what is left, and return what was written."""
        written = WrittenShards({}, {})
        for (config, split), writer in self._writers.items():
            with writing_to(self._target):
                writer.finish()
            if writer.rows:
                written.rows.setdefault(config, {})[split] = writer.rows
                written.patterns.setdefault(config, {})[split] = writer.pattern
        return written

    def close(self) -> None:
        """Close the files in hand, also after an error."""
        for writer in self._writers.values():
            with contextlib.suppress(OSError):
                writer.close()


def _digest(shards: list[Path]) -> str:
    """Return the first 12 hexadecimal digits of the SHA-256 of some files' SHA-256."""
    total = hashlib.sha256()
    for path in shards:
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:12]


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
