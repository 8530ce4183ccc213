"""Settings of one build, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dualview.dataset_builder.schema import SPLITS
from dualview.dataset_builder.splits.plan import SplitShares


@dataclass(frozen=True)
class BuildSettings:
    """Settings of a build besides its sources, writers and judge.

    :param name: title of the dataset, for the card; None to make one from the sources.
    :param compositions: rows of the config ``compositions`` for training; 0 leaves it out.
    :param command: builds the same dataset again, for the card.
    :param arguments: all arguments of the command, for the recipe; no secrets, no paths of this machine.
    """

    out: Path
    overwrite: bool = False
    seed: int = 13
    shares: SplitShares = field(default_factory=SplitShares)
    name: str | None = None
    compositions: int = 20_000
    command: str = "dualview build"
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DatasetBuild:
    """A built dataset.

    :ivar path: its folder, in the layout of a Hub repository.
    :ivar counts: rows of each config and split; those without rows are left out.
    :ivar yields: items ``read``, pairs ``written``, ``accepted`` and ``rejected``.
    :ivar rejected_by_reason: number of rejections of each reason, the most frequent first.
    :ivar without_pairs: number of items that gave no pair, by reason.
    """

    path: Path
    counts: Mapping[str, Mapping[str, int]]
    yields: Mapping[str, int]
    rejected_by_reason: Mapping[str, int]
    without_pairs: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """A short table: rows of each config and split, yields, and reasons of rejection."""
        rows: list[tuple[str, ...]] = [("config", *SPLITS)]
        for config, counts in self.counts.items():
            rows.append((config, *(f"{counts.get(split, 0):,}" for split in SPLITS)))
        first, *widths = (max(map(len, column)) for column in zip(*rows, strict=True))
        lines = []
        for name, *cells in rows:
            numbers = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
            lines.append("  ".join([name.ljust(first), *numbers]))
        yields = ", ".join(f"{name} {count:,}" for name, count in self.yields.items())
        reasons = [f"{reason} {count:,}" for reason, count in self.rejected_by_reason.items()]
        return "\n".join([str(self.path), *lines, yields, *([", ".join(reasons)] if reasons else [])])
