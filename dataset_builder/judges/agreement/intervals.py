"""Intervals of figures on candidate sets, whose labels depend on each other: a bootstrap over whole sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RESAMPLES = 1000
_SEED = 13


@dataclass(frozen=True)
class Interval:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float


def mean_interval(
    values: NDArray[np.bool_] | NDArray[np.float64], owners: NDArray[np.int64], sets: int
) -> Interval | None:
    """The mean of values, or the share of true ones; None where there are no values.

    :param owners: the set, from 0, that each value is of.
    """
    if not values.size:
        return None
    sums = np.bincount(owners, weights=values, minlength=sets)
    counts = np.bincount(owners, minlength=sets)
    drawn = _draws(sets)
    return _interval(float(values.mean()), (drawn @ sums) / np.maximum(drawn @ counts, 1))


def auc_interval(
    labels: NDArray[np.bool_], probabilities: NDArray[np.float64], owners: NDArray[np.int64], sets: int
) -> Interval | None:
    """The area under the ROC curve; None where all labels are the same.

    That is how often a true label has a higher probability than a false one; equal ones count half.
    """
    if labels.all() or not labels.any():
        return None
    # The place of each probability among the different ones.
    _, places = np.unique(probabilities, return_inverse=True)

    def area(weights: NDArray[np.int64]) -> float:
        true = np.bincount(places, weights=weights * labels)
        false = np.bincount(places, weights=weights * ~labels)
        below = np.cumsum(false) - false
        pairs = true.sum() * false.sum()
        return float(true @ (below + false / 2) / pairs) if pairs else float("nan")

    resampled = np.array([area(drawn[owners]) for drawn in _draws(sets)])
    return _interval(area(np.ones_like(owners)), resampled[~np.isnan(resampled)])


def _draws(sets: int) -> NDArray[np.int64]:
    """Number of draws of each set, of shape (resamples, sets)."""
    return np.random.default_rng(_SEED).multinomial(sets, np.full(sets, 1 / sets), size=_RESAMPLES)


def _interval(value: float, resampled: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Interval(value, float(low), float(high))
