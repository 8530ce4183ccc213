"""The writer ``replay``: plays the instructions that an item brings with it. It asks no model."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from dualview.dataset_builder.schema import (
    CandidateSet,
    Item,
    Outcome,
    Rejection,
    ViewPair,
    ViewSet,
    Writer,
)
from dualview.dataset_builder.writers.rounds import play_views

_WRITER = Writer(kind="replay")


class ReplayWriter:
    """Turns recorded reversals into view pairs, one a reversal, and written views, round after round.

    Every passage of a set meets one of its instructions and breaks the others, so the remaining passages of a
    set break both instructions of a pair.
    """

    kind = _WRITER.kind

    def accepts(self, item: Item) -> bool:
        """Tell whether the item is a candidate set with recorded reversals, or a set with written views."""
        return isinstance(item, ViewSet) or (isinstance(item, CandidateSet) and bool(item.recorded))

    def write(self, item: Item) -> Iterator[Outcome]:
        """A view pair for each recorded reversal, in the order of the record.

        Written views are played by :meth:`write_beside`, also those of items that another writer takes.
        """
        if not isinstance(item, CandidateSet):
            return
        passages = {passage.docid: passage for passage in item.instruction_negatives}
        for reversal in item.recorded:
            target = passages.get(reversal.target)
            if target is None:
                yield Rejection.of_item(
                    item,
                    "target_left_out",
                    f"the passage '{reversal.target}' is not among the instruction negatives",
                    writer_kind=self.kind,
                    reversed_instruction=reversal.instruction,
                )
                continue
            others = tuple(passage for docid, passage in passages.items() if docid != reversal.target)
            yield ViewPair.of_set(
                item, target, reversal.instruction, writer=_WRITER, others=others, lever=reversal.lever
            )

    def write_beside(self, item: Item) -> Iterator[Outcome]:
        """The view pairs of an item's written views, see :mod:`~dualview.dataset_builder.writers.rounds`."""
        return play_views(item, _WRITER)

    def describe(self) -> Writer:
        """The writer as the card names it."""
        return _WRITER


@dataclass(frozen=True)
class ReplaySettings:
    """Settings of the writer ``replay``: it has none."""

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> ReplaySettings:
        """The settings of any command."""
        return cls()

    def make(self) -> ReplayWriter:
        """Make the writer."""
        return ReplayWriter()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the writer has no options."""
