"""Acceptance of reversals: the positive is relevant and every other passage is not, in both views."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass

from dualview.cards.errors import InputError
from dualview.dataset_builder.judges.judge_protocol import Judgement
from dualview.dataset_builder.judges.log_odds import log_odds
from dualview.dataset_builder.schema import ViewPair


@dataclass(frozen=True)
class Thresholds:
    """Probability from which a passage counts as relevant, and below which it counts as not relevant.

    Between the two is doubt: neither the label "relevant" nor the label "not relevant" holds there.

    :param margin: in place of both, by how much the passage that a view makes relevant must be above every
        other passage of the set, in log-odds. It does not matter then how high a judge's answers are.
    """

    relevant: float = 0.5
    irrelevant: float = 0.5
    margin: float | None = None

    def __post_init__(self) -> None:
        if self.margin is not None and not 0 <= self.margin < math.inf:
            raise InputError(f"--judge-margin {self.margin}: must be a number from 0 on")
        if not 0 <= self.irrelevant <= self.relevant <= 1:
            raise InputError(
                f"--judge-irrelevant {self.irrelevant} and --judge-relevant {self.relevant}: both must be "
                "between 0 and 1, and the first may not be above the second"
            )

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> Thresholds:
        """The thresholds that the flags give.

        :raises InputError: if they contradict each other.
        """
        if args.judge_margin is not None and (args.judge_relevant, args.judge_irrelevant) != (
            cls.relevant,
            cls.irrelevant,
        ):
            raise InputError(
                "--judge-margin takes the place of --judge-relevant and --judge-irrelevant: give the one or "
                "the others"
            )
        return cls(args.judge_relevant, args.judge_irrelevant, args.judge_margin)

    def describe(self) -> str:
        """The rule in words."""
        if self.margin is not None:
            return f"the wanted passage is {self.margin:g} above all others of its set, in log-odds"
        return f"relevant from {self.relevant:g}, not relevant below {self.irrelevant:g}"

    def accepts(self, probability: float) -> bool:
        """Tell whether the label "relevant" holds."""
        return probability >= self.relevant

    def excludes(self, probability: float) -> bool:
        """Tell whether the label "not relevant" holds."""
        return probability < self.irrelevant

    def are_apart(self, wanted: float, other: float) -> bool:
        """Tell whether another passage is not relevant where the wanted one has this probability."""
        if self.margin is None:
            return self.excludes(other)
        return log_odds(wanted) - log_odds(other) >= self.margin


def decide(
    pair: ViewPair,
    judge: str,
    p_original: Sequence[float],
    p_reversed: Sequence[float],
    thresholds: Thresholds,
) -> Judgement:
    """Judge a pair by the probability that each passage is relevant in each view.

    A hard negative that is judged relevant in either view is a false negative of the source, not a fault
    of the reversal: it is left out of the pair, and the pair can still be accepted.

    :param p_original: probabilities of relevance under the original instruction, in the order of
        :func:`~dualview.dataset_builder.judges.views.judged_passages`.
    :param p_reversed: the same under the reversal.
    """
    if not all(map(math.isfinite, (*p_original, *p_reversed))):
        return refuse(judge, "the model gave no finite score; look at its numbers, or take another judge")
    firm = 2 + len(pair.other_instruction_negatives)
    kept = [
        place
        for place in range(firm, len(p_original))
        if thresholds.are_apart(p_original[0], p_original[place])
        and thresholds.are_apart(p_reversed[1], p_reversed[place])
    ]
    scored = [*range(firm), *kept]
    judgement = Judgement(
        accepted=True,
        judge=judge,
        p_original=tuple(p_original[place] for place in scored),
        p_reversed=tuple(p_reversed[place] for place in scored),
        hard_negatives=(
            *(pair.hard_negatives[place - firm] for place in kept),
            *pair.hard_negatives[len(p_original) - firm :],
        ),
    )
    faults = [
        *find_faults("original", p_original[:firm], 0, thresholds),
        *find_faults("reversal", p_reversed[:firm], 1, thresholds),
    ]
    if not faults:
        return judgement
    return Judgement(
        accepted=False,
        judge=judge,
        p_original=judgement.p_original,
        p_reversed=judgement.p_reversed,
        reason=faults[0][0],
        detail="; ".join(detail for _, detail in faults),
    )


def refuse(judge: str, detail: str) -> Judgement:
    """The judgement of a pair on which the judge gave no usable answer."""
    return Judgement(accepted=False, judge=judge, reason="not_judged", detail=detail)


def find_faults(
    view: str, probabilities: Sequence[float], wanted: int, thresholds: Thresholds
) -> list[tuple[str, str]]:
    """The labels of a view that do not hold, as (reason, finding); not a number holds no label.

    :param view: ``original`` or ``reversal``.
    :param wanted: the place of the passage that the view makes relevant.
    """
    rest = [p for place, p in enumerate(probabilities) if place != wanted]
    if thresholds.margin is not None:
        if all(thresholds.are_apart(probabilities[wanted], p) for p in rest):
            return []
        found = (
            f"p = {probabilities[wanted]:.2f} for the passage that the {view} should make relevant, and "
            f"{max(rest):.2f} for one that it should exclude"
        )
        return [(f"{view}_not_told_apart", found)]
    faults = []
    if not thresholds.accepts(probabilities[wanted]):
        found = f"p = {probabilities[wanted]:.2f} for the passage that the {view} should make relevant"
        faults.append((f"{view}_misses_positive", found))
    admitted = [p for p in rest if not thresholds.excludes(p)]
    if admitted:
        found = f"p = {max(admitted):.2f} for a passage that the {view} should exclude"
        faults.append((f"{view}_too_broad", found))
    return faults
