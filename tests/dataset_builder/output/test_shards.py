"""Parquet shards: names, bytes, row groups, and nothing for a split without rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from datasets import Features

from dualview.cards.errors import InputError
from dualview.dataset_builder.output import shards
from dualview.dataset_builder.output.rows import dual_view_row
from dualview.dataset_builder.output.shards import DatasetWriter, SplitWriter
from dualview.dataset_builder.schema import DUAL_VIEW, TRIPLETS


def triplet(number: int, length: int = 10) -> dict[str, str]:
    return {"anchor": f"query {number}", "positive": "p" * length, "negative": "n"}


def write(folder: Path, rows: int, **settings: Any) -> list[Path]:
    writer = SplitWriter(folder, "train", TRIPLETS, **settings)
    for number in range(rows):
        writer.add(triplet(number))
    writer.finish()
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_split_without_rows_has_no_file(tmp_path: Path) -> None:
    assert write(tmp_path / "data", 0) == []


def test_shards_are_numbered_of_how_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "_GROUP_ROWS", 10)
    paths = write(tmp_path, 95, shard_characters=600)
    (digest,) = {path.stem.rpartition("-")[2] for path in paths}
    names = [path.name for path in paths]
    assert names == [f"train-0000{number}-of-00003-{digest}.parquet" for number in range(3)]
    assert len(digest) == 12
    anchors = [row for path in paths for row in pq.read_table(path)["anchor"].to_pylist()]
    assert anchors == [f"query {number}" for number in range(95)]
    assert pq.ParquetFile(paths[0]).num_row_groups == 4
    assert pq.ParquetFile(paths[0]).metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_group_is_written_when_its_text_is_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "_GROUP_CHARACTERS", 1000)
    writer = SplitWriter(tmp_path, "train", TRIPLETS)
    for number in range(4):
        writer.add(triplet(number, length=600))
    writer.finish()
    (path,) = tmp_path.iterdir()
    assert pq.ParquetFile(path).num_row_groups == 2


def test_the_schema_names_the_features(tmp_path: Path, view_pair: Callable[..., Any]) -> None:
    writer = SplitWriter(tmp_path, "test", DUAL_VIEW)
    row = dual_view_row(view_pair(), None)
    writer.add(row)
    writer.finish()
    (path,) = tmp_path.iterdir()
    table = pq.read_table(path)
    assert Features.from_arrow_schema(table.schema) == DUAL_VIEW
    assert table.to_pylist() == [row]
    described = json.loads(table.schema.metadata[b"huggingface"])
    assert list(described["info"]["features"]) == list(DUAL_VIEW)


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    (first,), (second,) = write(tmp_path / "a", 3000), write(tmp_path / "b", 3000)
    assert first.read_bytes() == second.read_bytes()


def test_a_dataset_counts_its_rows(tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path)
    writer.add("triplets", "train", triplet(1))
    writer.add("triplets", "test", triplet(2))
    writer.add("triplets", "train", triplet(3))
    assert writer.finish().rows == {"triplets": {"train": 2, "test": 1}}
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["triplets"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file is in the way")
    writer = DatasetWriter(tmp_path)
    writer.add("triplets", "train", triplet(1))
    with pytest.raises(InputError, match=r"cannot be written .*; name another folder with --out"):
        writer.finish()
    writer.close()


def test_a_full_disk_is_said_with_the_folder_that_was_asked_for(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full")
    folder, target = tmp_path / "temporary", tmp_path / "dataset"
    writer = DatasetWriter(folder, target)
    (folder / "data" / "triplets").mkdir(parents=True)
    (folder / "data" / "triplets" / ".train-00000.parquet").symlink_to(full)
    writer.add("triplets", "train", triplet(1))
    with pytest.raises(InputError) as caught:
        writer.finish()
    writer.close()
    assert str(caught.value) == (
        f"{target}: cannot be written (No space left on device); free some space, or name another "
        "folder with --out"
    )
