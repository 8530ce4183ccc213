"""Agreement of a judge with known labels, as a measure of trust in it.

Two questions are asked. *Of single labels*: does the judge call a passage relevant where it is? *Of pairs*,
on which it decides in a build: does it accept reversals that hold, and reject those that do not? The false
reversals are real instructions in the wrong place: the reversal for another passage of the set, and the
paraphrase of the original instruction, under which no label swaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dualview.cards.errors import InputError
from dualview.dataset_builder.judges.agreement.intervals import Interval, auc_interval, mean_interval
from dualview.dataset_builder.judges.agreement.judged_pairs import FittedRule, JudgedPairs, Scores, fit_rules
from dualview.dataset_builder.judges.agreement.known_labels import KnownSet
from dualview.dataset_builder.judges.deciding import Thresholds
from dualview.dataset_builder.schema import KINDS

#: Stands for the kind of an instruction that is not known.
UNKNOWN = "not named"
_BINS = 5


@dataclass(frozen=True)
class Bin:
    """Share of relevant passages among those with a probability in a range; equal for a calibrated judge."""

    low: float
    high: float
    labels: int
    mean_probability: float
    share_relevant: float


@dataclass(frozen=True)
class KindFigures:
    """The figures of the views of one kind of instruction.

    :param right_first: share of the views in which the wanted passage alone has the highest probability.
    :param chance: what guessing gives there.
    :param accuracy: share of their labels that hold by the thresholds.
    """

    kind: str
    views: int
    right_first: Interval
    chance: float
    accuracy: Interval


@dataclass(frozen=True)
class Agreement:
    """The figures of one judge at one pair of thresholds; shares are fractions.

    :param labels: how many labels were judged, and ``unjudged`` how many were not.
    :param accuracy: the share of labels that hold by the thresholds.
    :param precision: of the passages that the judge calls relevant; None where it calls none so.
    :param auc: how often a relevant passage has a higher probability than one that is not; None where all
        labels are the same.
    :param brier: mean squared error of the probabilities; 0.25 is what "one half" always gets.
    :param pairs_accepted: of the reversals that hold; the share of one's data that survives this judge.
    :param false_pairs_accepted: of those that do not; what this judge lets through.
    :param right_first: share of the views in which the wanted passage alone has the highest probability.
    :param highest: the highest probability that the judge gave, and ``lowest`` the lowest.
    :param kinds: the figures of each kind of instruction.
    :param rules: the threshold and the margin that do best; none where pairs of one kind are missing.
    """

    judge: str
    thresholds: Thresholds
    sets: int
    labels: int
    unjudged: int
    accuracy: Interval | None
    precision: float | None
    recall: float | None
    auc: Interval | None
    brier: float
    pairs: int
    pairs_accepted: Interval | None
    false_pairs: int
    false_pairs_accepted: Interval | None
    right_first: Interval | None
    lowest: float
    highest: float
    kinds: tuple[KindFigures, ...]
    rules: tuple[FittedRule, ...]
    calibration: tuple[Bin, ...]

    @property
    def best(self) -> FittedRule | None:
        """The rule that tells pairs apart best; None where there is none, or none that tells anything."""
        best = max(self.rules, key=lambda rule: rule.gain, default=None)
        return None if best is None or best.gain <= 0 else best

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON holds them."""
        return asdict(self)


def measure_agreement(
    judge: str, judged: Sequence[tuple[KnownSet, Scores]], thresholds: Thresholds
) -> Agreement:
    """The agreement of a judge with the labels of sets.

    :raises InputError: if no label was judged.
    """
    labels, probabilities, owners = _labels(judged)
    usable = ~np.isnan(probabilities)
    unjudged = int((~usable).sum())
    labels, probabilities, owners = labels[usable], probabilities[usable], owners[usable]
    if not labels.size:
        raise InputError(f"judge {judge}: gave no usable answer; look at its answers, or take another judge")
    called = probabilities >= thresholds.relevant
    found = int((called & labels).sum())
    holding, others = (JudgedPairs.of(judged, holding=holding) for holding in (True, False))
    return Agreement(
        judge=judge,
        thresholds=thresholds,
        sets=len(judged),
        labels=len(labels),
        unjudged=unjudged,
        accuracy=mean_interval(
            np.where(labels, called, probabilities < thresholds.irrelevant), owners, len(judged)
        ),
        precision=found / int(called.sum()) if called.any() else None,
        recall=found / int(labels.sum()) if labels.any() else None,
        auc=auc_interval(labels, probabilities, owners, len(judged)),
        brier=float(((probabilities - labels) ** 2).mean()),
        pairs=len(holding.owners),
        pairs_accepted=mean_interval(holding.accepted(thresholds), holding.owners, len(judged)),
        false_pairs=len(others.owners),
        false_pairs_accepted=mean_interval(others.accepted(thresholds), others.owners, len(judged)),
        right_first=_right_first(judged),
        lowest=float(probabilities.min()),
        highest=float(probabilities.max()),
        kinds=_by_kind(judged, thresholds),
        rules=fit_rules(holding, others, len(judged)),
        calibration=_calibration(labels, probabilities),
    )


def _labels(judged: Sequence[tuple[KnownSet, Scores]]) -> tuple[NDArray[np.bool_], Scores, NDArray[np.int64]]:
    """All labels, their probabilities, and the set each is of."""
    labels, probabilities, owners = [], [], []
    for place, (known, scores) in enumerate(judged):
        wanted = np.zeros(scores.shape, dtype=bool)
        wanted[np.arange(len(known.targets)), known.targets] = True
        labels.append(wanted.ravel())
        probabilities.append(scores.ravel())
        owners.append(np.full(scores.size, place))
    return np.concatenate(labels), np.concatenate(probabilities), np.concatenate(owners)


def _right_first(judged: Sequence[tuple[KnownSet, Scores]]) -> Interval | None:
    whole = [
        (place, row, target)
        for place, (known, scores) in enumerate(judged)
        for row, target in zip(scores, known.targets, strict=True)
        if not np.isnan(row).any() and len(row) > 1
    ]
    first = np.array([row[target] > np.delete(row, target).max() for _, row, target in whole])
    return mean_interval(first, np.array([place for place, _, _ in whole], dtype=np.int64), len(judged))


def _by_kind(judged: Sequence[tuple[KnownSet, Scores]], thresholds: Thresholds) -> tuple[KindFigures, ...]:
    """The figures of each kind of instruction, of views with an answer on every passage."""
    found: dict[str, list[tuple[bool, float, float, int]]] = {}
    for place, (known, scores) in enumerate(judged):
        for row, target, kind in zip(scores, known.targets, known.kinds, strict=True):
            if np.isnan(row).any() or len(row) < 2:
                continue
            labels = np.arange(len(row)) == target
            right = np.where(labels, row >= thresholds.relevant, row < thresholds.irrelevant)
            first = bool(row[target] > np.delete(row, target).max())
            found.setdefault(kind or UNKNOWN, []).append((first, 1 / len(row), right.mean(), place))
    figures = []
    for kind in sorted(found, key=[*KINDS, UNKNOWN].index):
        is_first, chance, held, owners = (np.array(column) for column in zip(*found[kind], strict=True))
        shares = [mean_interval(values, owners, len(judged)) for values in (is_first, held)]
        assert shares[0] is not None and shares[1] is not None
        figures.append(KindFigures(kind, len(owners), shares[0], float(chance.mean()), shares[1]))
    return tuple(figures)


def _calibration(labels: NDArray[np.bool_], probabilities: Scores) -> tuple[Bin, ...]:
    """The bins of equal width that hold a label."""
    edges = np.linspace(0, 1, _BINS + 1)
    places = np.clip(np.digitize(probabilities, edges) - 1, 0, _BINS - 1)
    return tuple(
        Bin(
            low=float(edges[place]),
            high=float(edges[place + 1]),
            labels=int((places == place).sum()),
            mean_probability=float(probabilities[places == place].mean()),
            share_relevant=float(labels[places == place].mean()),
        )
        for place in range(_BINS)
        if (places == place).any()
    )
