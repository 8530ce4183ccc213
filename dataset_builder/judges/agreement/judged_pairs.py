"""Pairs of views with a judge's answers: which of them a rule accepts, and which rule does best."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dualview.dataset_builder.judges.agreement.known_labels import KnownSet
from dualview.dataset_builder.judges.deciding import Thresholds
from dualview.dataset_builder.judges.log_odds import log_odds

#: The probabilities of a set, of shape (views, passages); NaN where the judge gave none.
Scores = NDArray[np.float64]

_TO_LOG_ODDS: Callable[[Scores], Scores] = np.vectorize(log_odds, otypes=[float])
_FOLDS = 5


@dataclass(frozen=True)
class JudgedPairs:
    """Pairs of an original view and another.

    :ivar lowest_positive: the lower probability of the two positives of each pair.
    :ivar highest_other: the highest probability of its other passages.
    :ivar margin: by how much, in log-odds, each positive is above all others of its view, at least.
    :ivar owners: the set, from 0, that each pair is of.
    """

    lowest_positive: Scores
    highest_other: Scores
    margin: Scores
    owners: NDArray[np.int64]

    @classmethod
    def of(cls, judged: Sequence[tuple[KnownSet, Scores]], holding: bool) -> JudgedPairs:
        """The pairs that hold, or those that do not: the second positive is then one in name only."""
        rows = [
            row
            for place, (known, scores) in enumerate(judged)
            for row in _rows(place, known, scores, holding)
        ]
        values = np.array([row[:3] for row in rows], dtype=float).reshape(-1, 3)
        owners = np.array([row[3] for row in rows], dtype=np.int64)
        return cls(values[:, 0], values[:, 1], values[:, 2], owners)

    def accepted(self, thresholds: Thresholds) -> NDArray[np.bool_]:
        """Mask of the pairs that a judge accepts; never a pair with a passage that was not judged."""
        if thresholds.margin is not None:
            return self.margin >= thresholds.margin
        return (self.lowest_positive >= thresholds.relevant) & (self.highest_other < thresholds.irrelevant)


@dataclass(frozen=True)
class FittedRule:
    """Thresholds, or a margin, that tell pairs that hold from false ones best.

    :param pairs_accepted: share of the pairs that hold, and ``false_pairs_accepted`` of those that do not, on
        sets on which the rule was not fitted (five-fold over whole sets; over the same sets where there are
        fewer than five).
    """

    thresholds: Thresholds
    pairs_accepted: float
    false_pairs_accepted: float

    @property
    def gain(self) -> float:
        """The difference of the two shares: 1 for a judge that is always right, 0 for a useless one."""
        return self.pairs_accepted - self.false_pairs_accepted


def fit_rules(holding: JudgedPairs, others: JudgedPairs, sets: int) -> tuple[FittedRule, ...]:
    """The best threshold and the best margin; nothing where pairs of one kind are missing."""
    if not holding.owners.size or not others.owners.size:
        return ()
    thresholds = [Thresholds(value, value) for value in np.linspace(0.01, 0.99, 99).round(2).tolist()]
    margins = np.concatenate([holding.margin, others.margin])
    known = margins[~np.isnan(margins)]
    widest = max(0.1, float(np.quantile(known, 0.99))) if known.size else 0.1
    relative = [Thresholds(margin=value) for value in np.linspace(0, widest, 101).round(3).tolist()]
    return tuple(_fit(rules, holding, others, sets) for rules in (thresholds, relative))


def _rows(
    owner: int, known: KnownSet, scores: Scores, holding: bool
) -> Iterator[tuple[float, float, float, int]]:
    answers = scores[:, : known.answers]
    levels = _TO_LOG_ODDS(answers)
    for view in range(1, len(known.views)):
        for target in range(1, known.answers):
            if (target == known.targets[view]) != holding:
                continue
            positives = answers[[0, view], [0, target]]
            others = np.concatenate([np.delete(answers[0], 0), np.delete(answers[view], target)])
            margins = [
                levels[row, wanted] - np.delete(levels[row], wanted).max()
                for row, wanted in ((0, 0), (view, target))
            ]
            yield float(positives.min()), float(others.max()), float(np.min(margins)), owner


def _fit(rules: Sequence[Thresholds], holding: JudgedPairs, others: JudgedPairs, sets: int) -> FittedRule:
    true, false = (np.array([pairs.accepted(rule) for rule in rules]) for pairs in (holding, others))
    if sets < _FOLDS:
        best = _best(true.mean(axis=1) - false.mean(axis=1))
        return FittedRule(rules[best], float(true[best].mean()), float(false[best].mean()))
    accepted = [np.zeros(pairs.owners.size, dtype=bool) for pairs in (holding, others)]
    for fold in range(_FOLDS):
        aside = [pairs.owners % _FOLDS == fold for pairs in (holding, others)]
        best = _best(_mean(true[:, ~aside[0]]) - _mean(false[:, ~aside[1]]))
        accepted[0][aside[0]] = true[best, aside[0]]
        accepted[1][aside[1]] = false[best, aside[1]]
    best = _best(_mean(true) - _mean(false))
    return FittedRule(rules[best], float(accepted[0].mean()), float(accepted[1].mean()))


def _mean(accepted: NDArray[np.bool_]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = accepted.sum(axis=1) / max(1, accepted.shape[1])
    return shares


def _best(gain: NDArray[np.float64]) -> int:
    # Of equally good ones the middle one: it is furthest from where pairs change sides.
    (best,) = np.nonzero(gain >= gain.max() - 1e-12)
    return int(best[len(best) // 2])
