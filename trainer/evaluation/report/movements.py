"""Changes of ranks when an instruction is reversed, by lever, for baseline and model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dualview.trainer.evaluation.benchmarks.sets.outcomes import Flip
from dualview.trainer.evaluation.comparison.compare_models import ComparedSets
from dualview.trainer.evaluation.report.figure_tables import most_frequent

#: Rows, at most; the rest is put together.
SHOWN = 15


@dataclass(frozen=True)
class MeanFlip:
    """Mean ranks before and after the reversal, and mean p-MRR, as a fraction."""

    lost: tuple[float, float]
    gained: tuple[float, float]
    p_mrr: float


@dataclass(frozen=True)
class Movement:
    """Mean effect of the reversals of one kind.

    :param pairs: reversals of this kind.
    :param baseline: None without a baseline.
    """

    name: str
    pairs: int
    baseline: MeanFlip | None
    model: MeanFlip

    @property
    def means(self) -> list[MeanFlip]:
        """Return what is known: baseline and model, or the model alone."""
        return [self.baseline, self.model] if self.baseline else [self.model]


def movements_by_lever(sets: Iterable[ComparedSets]) -> list[Movement]:
    """Group reversals by their lever, the most frequent first."""
    groups: dict[str, list[tuple[Flip | None, Flip]]] = {}
    for compared in sets:
        for _, (view, *others) in compared.views():
            base = others[0] if others else None
            if view.flip and view.view.lever:
                groups.setdefault(view.view.lever, []).append((base.flip if base else None, view.flip))
    return [_movement(name, pairs) for name, pairs in most_frequent(groups, SHOWN)]


def _movement(name: str, pairs: Sequence[tuple[Flip | None, Flip]]) -> Movement:
    known = [base for base, _ in pairs if base]
    return Movement(name, len(pairs), _mean(known) if known else None, _mean([mine for _, mine in pairs]))


def _mean(flips: Sequence[Flip]) -> MeanFlip:
    lost = np.mean([flip.lost_ranks for flip in flips], axis=0).tolist()
    gained = np.mean([flip.gained_ranks for flip in flips], axis=0).tolist()
    return MeanFlip(
        (lost[0], lost[1]), (gained[0], gained[1]), float(np.mean([flip.p_mrr for flip in flips]))
    )
