"""Intervals by paired bootstrap over queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
# Rows of the resampling matrix held in memory at a time.
_CHUNK = 500


@dataclass(frozen=True)
class Interval:
    """A figure and the 2.5th and 97.5th percentile of its resamples."""

    value: float
    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        """Whether the figure cannot be told from zero."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True)
class Comparison:
    """A model against a baseline on the same queries."""

    model: Interval
    baseline: Interval
    difference: Interval
    queries: int


def paired_bootstrap(
    model: Sequence[float],
    baseline: Sequence[float],
    query_ids: Sequence[str],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Resample queries with replacement, all values of a query together, the same for both models.

    A figure is the mean over values; queries with several values (several sets, several views) count by how
    many they have, and stay together, since their values are not independent.

    :param model: values of the model.
    :param baseline: values of the baseline, at the same places.
    :param query_ids: the query of each value.
    :raises ValueError: if the lengths differ or there are no values.
    """
    if not len(model) == len(baseline) == len(query_ids) or not query_ids:
        raise ValueError("model, baseline and query_ids need the same length, at least 1")
    _, place = np.unique(np.asarray(query_ids), return_inverse=True)
    counts = np.bincount(place).astype(float)
    sums = np.stack(
        [np.bincount(place, weights=np.asarray(v, dtype=float)) for v in (model, baseline)], axis=1
    )
    queries = len(counts)
    generator = np.random.default_rng(seed)
    means = np.empty((resamples, 2))
    for start in range(0, resamples, _CHUNK):
        size = min(_CHUNK, resamples - start)
        weights = generator.multinomial(queries, np.full(queries, 1 / queries), size=size)
        means[start : start + size] = (weights @ sums) / (weights @ counts)[:, None]
    observed = sums.sum(axis=0) / counts.sum()
    return Comparison(
        model=_interval(observed[0], means[:, 0]),
        baseline=_interval(observed[1], means[:, 1]),
        difference=_interval(observed[0] - observed[1], means[:, 0] - means[:, 1]),
        queries=queries,
    )


def _interval(value: float, resampled: np.ndarray) -> Interval:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))
