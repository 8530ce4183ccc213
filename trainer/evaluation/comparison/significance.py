"""Intervals by paired bootstrap over queries, for figures, differences, and means over datasets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

RESAMPLES = 10_000
# Drawn queries held in memory at a time.
_DRAWN = 2_000_000


@dataclass(frozen=True)
class Interval:
    """A figure with its 95% interval: the 2.5th and the 97.5th percentile of its resamples."""

    value: float
    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        """Tell whether the interval includes zero, so that no difference is certain."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True)
class Comparison:
    """A model, alone or against a baseline on the same queries.

    :param baseline: None without a baseline, as is ``difference``, which is model minus baseline.
    """

    model: Interval
    baseline: Interval | None
    difference: Interval | None
    queries: int


@dataclass(frozen=True)
class Resampled:
    """Means of the model and, where there is one, the baseline.

    :param observed: (systems,), as observed.
    :param means: (resamples, systems).
    """

    observed: Floats
    means: Floats
    queries: int

    def comparison(self) -> Comparison:
        """Read the intervals off the resamples."""
        model = _interval(self.observed[0], self.means[:, 0])
        if len(self.observed) == 1:
            return Comparison(model, None, None, self.queries)
        return Comparison(
            model=model,
            baseline=_interval(self.observed[1], self.means[:, 1]),
            difference=_interval(self.observed[0] - self.observed[1], self.means[:, 0] - self.means[:, 1]),
            queries=self.queries,
        )


def resample(
    model: Sequence[float],
    baseline: Sequence[float] | None,
    query_ids: Sequence[str],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Resampled:
    """Resample queries with replacement, all values of a query together, the same for both systems.

    A figure is the mean over values; queries with several values (several sets, several views) count by how
    many they have, and stay together, since their values are not independent.

    :param model: values of the model.
    :param baseline: values of the baseline, at the same places; None to resample the model alone.
    :param query_ids: the query of each value.
    :raises ValueError: if the lengths differ or there are no values.
    """
    systems = [model] if baseline is None else [model, baseline]
    if not query_ids or any(len(values) != len(query_ids) for values in systems):
        raise ValueError("model, baseline and query_ids need the same length, at least 1")
    _, place = np.unique(np.asarray(query_ids), return_inverse=True)
    counts = np.bincount(place).astype(float)
    columns = [np.bincount(place, weights=np.asarray(values, dtype=float)) for values in systems]
    queries = len(counts)
    is_even = bool(np.all(counts == counts[0]))
    generator = np.random.default_rng(seed)
    means = np.empty((resamples, len(systems)))
    rows = max(1, _DRAWN // queries)
    for start in range(0, resamples, rows):
        drawn = generator.integers(queries, size=(min(rows, resamples - start), queries))
        values = counts[0] * queries if is_even else counts[drawn].sum(axis=1)
        for column, sums in enumerate(columns):
            means[start : start + rows, column] = sums[drawn].sum(axis=1) / values
    observed = np.array([sums.sum() for sums in columns]) / counts.sum()
    return Resampled(observed, means, queries)


def paired_bootstrap(
    model: Sequence[float],
    baseline: Sequence[float],
    query_ids: Sequence[str],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compare two models on the same queries; see :func:`resample`."""
    return resample(model, baseline, query_ids, resamples, seed).comparison()


def mean_over_datasets(parts: Sequence[Resampled]) -> Comparison:
    """Compare the plain means over datasets, whose queries were resampled apart, each with a seed of its own.

    :raises ValueError: if there are no datasets.
    """
    if not parts:
        raise ValueError("no dataset to average over")
    return Resampled(
        observed=np.mean([part.observed for part in parts], axis=0),
        means=np.mean([part.means for part in parts], axis=0),
        queries=sum(part.queries for part in parts),
    ).comparison()


def _interval(value: float, resampled: Floats) -> Interval:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))
