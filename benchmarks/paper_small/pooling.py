"""Figures of an arm over its seeds, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dualview.trainer.evaluation.comparison.significance import Comparison, paired_bootstrap

# Values by query, by figure.
Values = Mapping[str, Mapping[str, Sequence[float]]]


@dataclass(frozen=True)
class Pooled:
    """One figure of an arm beside the same figure of what it is compared with.

    :param comparison: means over seeds, and their difference, with 95% intervals over queries.
    :param by_seed: the arm's figure for each seed: how much it depends on that choice.
    """

    comparison: Comparison
    by_seed: tuple[float, ...]


def pool(arm: Sequence[Values], baseline: Sequence[Values], figure: str) -> Pooled:
    """Average each value over the seeds, then resample queries, paired, 10,000 times.

    The interval says how much the figure depends on the queries that happen to be in the test; how much it
    depends on the seed, :attr:`Pooled.by_seed` shows.

    :param arm: the values of each seed; ``baseline`` likewise, with as many seeds as it has.
    :raises ValueError: if they were not measured on the same queries.
    """
    query_ids = [query for query, values in arm[0][figure].items() for _ in values]
    ours, theirs = _by_seed(arm, figure), _by_seed(baseline, figure)
    if ours.shape[1] != theirs.shape[1]:
        raise ValueError(f"{figure}: measured on different queries; measure both again")
    comparison = paired_bootstrap(ours.mean(axis=0).tolist(), theirs.mean(axis=0).tolist(), query_ids)
    return Pooled(comparison, tuple(float(value) for value in ours.mean(axis=1)))


def _by_seed(values: Sequence[Values], figure: str) -> np.ndarray:
    """(seeds, values), in the order of the first seed's queries."""
    order = list(values[0][figure])
    return np.array([[value for query in order for value in one[figure][query]] for one in values])
