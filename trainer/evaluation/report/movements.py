"""Where ranks moved when an instruction was reversed: by lever, for baseline and model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dualview.trainer.evaluation.benchmarks.outcomes import Flip
from dualview.trainer.evaluation.comparison.compare_models import ComparedSets
from dualview.trainer.evaluation.report.grouping import most_frequent

#: Rows of a group that are shown; the rest is put together.
SHOWN = 15


@dataclass(frozen=True)
class MeanFlip:
    """Mean ranks before and after the reversal, and mean p-MRR, as a fraction."""

    lost: tuple[float, float]
    gained: tuple[float, float]
    p_mrr: float


@dataclass(frozen=True)
class Movement:
    """What reversals of one kind did.

    :param pairs: reversals of this kind.
    """

    name: str
    pairs: int
    baseline: MeanFlip
    model: MeanFlip


def movements_by_lever(sets: Iterable[ComparedSets]) -> list[Movement]:
    """Group by what the reversal turns on, the most frequent first."""
    groups: dict[str, list[tuple[Flip, Flip]]] = {}
    for compared in sets:
        for mine, other in zip(compared.model, compared.baseline, strict=True):
            for view, base in zip(mine.views, other.views, strict=True):
                if view.flip and base.flip and view.view.lever:
                    groups.setdefault(view.view.lever, []).append((base.flip, view.flip))
    return [
        Movement(name, len(pairs), _mean([base for base, _ in pairs]), _mean([mine for _, mine in pairs]))
        for name, pairs in most_frequent(groups, SHOWN)
    ]


def _mean(flips: Sequence[Flip]) -> MeanFlip:
    lost = np.mean([flip.lost_ranks for flip in flips], axis=0).tolist()
    gained = np.mean([flip.gained_ranks for flip in flips], axis=0).tolist()
    return MeanFlip(
        (lost[0], lost[1]), (gained[0], gained[1]), float(np.mean([flip.p_mrr for flip in flips]))
    )
