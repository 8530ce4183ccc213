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
class Against:
    """A baseline, and the model minus it, on the same queries.

    :param baseline: None where the baseline has no such figure, as is ``difference``.
    """

    baseline: Interval | None = None
    difference: Interval | None = None


@dataclass(frozen=True)
class Comparison:
    """A model, alone or against baselines on the same queries.

    :param baseline: the first baseline; None without one, as is ``difference``: model minus baseline.
    :param further: the other baselines, in the order in which they were given.
    """

    model: Interval
    baseline: Interval | None
    difference: Interval | None
    queries: int
    further: tuple[Against, ...] = ()

    @property
    def against(self) -> tuple[Against, ...]:
        """All baselines; empty where the model was measured alone."""
        if self.baseline is None and not self.further:
            return ()
        return (Against(self.baseline, self.difference), *self.further)


@dataclass(frozen=True)
class Resampled:
    """Means of the model and of the baselines.

    :param observed: (systems,), as observed, the model first; NaN for a baseline without such a figure.
    :param means: (resamples, systems).
    """

    observed: Floats
    means: Floats
    queries: int

    def comparison(self) -> Comparison:
        """Read the intervals off the resamples."""
        model = _interval(self.observed[0], self.means[:, 0])
        first, *further = [self._against(column) for column in range(1, len(self.observed))] or [Against()]
        return Comparison(model, first.baseline, first.difference, self.queries, tuple(further))

    def _against(self, column: int) -> Against:
        if np.isnan(self.observed[column]):
            return Against()
        return Against(
            _interval(self.observed[column], self.means[:, column]),
            _interval(self.observed[0] - self.observed[column], self.means[:, 0] - self.means[:, column]),
        )


def resample(
    model: Sequence[float],
    baseline: Sequence[float] | None,
    query_ids: Sequence[str],
    resamples: int = RESAMPLES,
    seed: int = 0,
    further: Sequence[Sequence[float] | None] = (),
) -> Resampled:
    """Resample queries with replacement, all values of a query together, the same for all systems.

    A figure is the mean over values; queries with several values (several sets, several views) count by how
    many they have, and stay together, since their values are not independent.

    :param model: values of the model.
    :param baseline: values of the baseline, at the same places; None to resample the model alone.
    :param query_ids: the query of each value.
    :param further: values of more baselines; None for one without such a figure.
    :raises ValueError: if the lengths differ or there are no values.
    """
    systems = [model] if baseline is None and not further else [model, baseline, *further]
    if not query_ids or any(one is not None and len(one) != len(query_ids) for one in systems):
        raise ValueError("model, baseline and query_ids need the same length, at least 1")
    _, place = np.unique(np.asarray(query_ids), return_inverse=True)
    counts = np.bincount(place).astype(float)
    unknown = np.full(len(query_ids), np.nan)
    columns = [
        np.bincount(place, weights=unknown if values is None else np.asarray(values, dtype=float))
        for values in systems
    ]
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
