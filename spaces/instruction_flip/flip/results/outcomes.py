"""Outcomes of comparisons: which of the two models obeys every instruction, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from flip.engine.compare import Comparison

#: Who obeys every instruction of an example.
Outcome = Literal["trained", "both", "base", "neither"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True)
class Tally:
    """Counts of outcomes.

    :param reranker: examples whose instructions a reranker obeys; None if none was run.
    :param is_recorded: True if the results come with the Space.
    """

    counts: Mapping[Outcome, int]
    reranker: int | None
    is_recorded: bool
    base_name: str
    trained_name: str

    @property
    def total(self) -> int:
        """All counted examples."""
        return sum(self.counts.values())

    @property
    def base(self) -> int:
        """Examples in which the base model obeys every instruction."""
        return self.counts["both"] + self.counts["base"]

    @property
    def trained(self) -> int:
        """Examples in which the trained model obeys every instruction."""
        return self.counts["both"] + self.counts["trained"]


def outcome_of(comparison: Comparison) -> Outcome | None:
    """Return the outcome; None if a view has no relevant passage."""
    if comparison.base.right is None or comparison.trained.right is None:
        return None
    if comparison.trained.obeys_all:
        return "both" if comparison.base.obeys_all else "trained"
    return "base" if comparison.base.obeys_all else "neither"


def tally(comparisons: Collection[Comparison], reranker: int | None = None) -> Tally | None:
    """Count the outcomes; None without a labelled comparison."""
    found = Counter(outcome for one in comparisons if (outcome := outcome_of(one)) is not None)
    if not found:
        return None
    some = next(iter(comparisons))
    counts = {outcome: found[outcome] for outcome in OUTCOMES}
    return Tally(counts, reranker, some.is_recorded, some.base.name, some.trained.name)
