"""Views as judges read them: an instructed query and the passages to judge."""

from __future__ import annotations

from dataclasses import dataclass

from dualview.dataset_builder.schema import Passage, ViewPair


@dataclass(frozen=True)
class View:
    """A query with one instruction, and the passages that a judge calls relevant to them or not."""

    query: str
    instruction: str
    passages: tuple[Passage, ...]

    @property
    def instructed_query(self) -> str:
        """The query and its instruction as a retriever reads them."""
        return f"{self.query} {self.instruction}"


def judged_passages(pair: ViewPair, hard_negatives: int | None) -> tuple[Passage, ...]:
    """The passages of a pair that are judged: both positives, the others, the first hard negatives.

    :param hard_negatives: their number; None for all of them.
    """
    return (
        pair.positive,
        pair.reversed_positive,
        *pair.other_instruction_negatives,
        *pair.hard_negatives[:hard_negatives],
    )


def views_of(pair: ViewPair, hard_negatives: int | None) -> tuple[View, View]:
    """The original view and the reversed view of a pair, over the same passages in the same order."""
    passages = judged_passages(pair, hard_negatives)
    return (
        View(pair.query, pair.instruction, passages),
        View(pair.query, pair.reversed_instruction, passages),
    )
