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
from dualview.dataset_builder.judges.deciding import Thresholds
from dualview.dataset_builder.judges.intervals import Interval, auc_interval, mean_interval
from dualview.dataset_builder.judges.known_labels import KnownSet

#: The probabilities of a set, of shape (views, passages); NaN where the judge gave none.
Scores = NDArray[np.float64]

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
class BestThreshold:
    """The one threshold, for relevant and not relevant, that best separates pairs that hold from others."""

    threshold: float
    pairs_accepted: float
    false_pairs_accepted: float


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
    :param best: what other thresholds would do on these sets; None where pairs of one kind are missing.
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
    best: BestThreshold | None
    calibration: tuple[Bin, ...]

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
    holding, others = _pairs(judged, holding=True), _pairs(judged, holding=False)
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
        pairs_accepted=mean_interval(
            holding.accepted(thresholds.relevant, thresholds.irrelevant), holding.owners, len(judged)
        ),
        false_pairs=len(others.owners),
        false_pairs_accepted=mean_interval(
            others.accepted(thresholds.relevant, thresholds.irrelevant), others.owners, len(judged)
        ),
        best=_best_threshold(holding, others),
        calibration=_calibration(labels, probabilities),
    )


@dataclass(frozen=True)
class _Pairs:
    """Lowest probability of the two positives of each pair, and highest of its other passages."""

    lowest_positive: Scores
    highest_other: Scores
    owners: NDArray[np.int64]

    def accepted(self, relevant: float, irrelevant: float) -> NDArray[np.bool_]:
        """Mask of the pairs that thresholds accept; never a pair with a passage that was not judged."""
        return (self.lowest_positive >= relevant) & (self.highest_other < irrelevant)


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


def _pairs(judged: Sequence[tuple[KnownSet, Scores]], holding: bool) -> _Pairs:
    """The pairs of an original view and another that hold, or those that do not."""
    lowest, highest, owners = [], [], []
    for place, (known, scores) in enumerate(judged):
        answers = scores[:, : known.answers]
        for view in range(1, len(known.views)):
            for target in range(1, known.answers):
                if (target == known.targets[view]) != holding:
                    continue
                positives = answers[[0, view], [0, target]]
                others = np.concatenate([np.delete(answers[0], 0), np.delete(answers[view], target)])
                lowest.append(positives.min())
                highest.append(others.max())
                owners.append(place)
    return _Pairs(np.array(lowest), np.array(highest), np.array(owners, dtype=np.int64))


def _best_threshold(holding: _Pairs, others: _Pairs) -> BestThreshold | None:
    if not holding.owners.size or not others.owners.size:
        return None
    rates = [
        BestThreshold(
            threshold,
            float(holding.accepted(threshold, threshold).mean()),
            float(others.accepted(threshold, threshold).mean()),
        )
        for threshold in np.linspace(0.01, 0.99, 99).round(2).tolist()
    ]
    # Of equally good ones the middle one: it is furthest from where pairs change sides.
    gain = np.array([rate.pairs_accepted - rate.false_pairs_accepted for rate in rates])
    (best,) = np.nonzero(gain >= gain.max() - 1e-12)
    return rates[int(best[len(best) // 2])]


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
