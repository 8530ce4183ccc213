"""The writer ``replay``: plays the reversals that a candidate set brings with it. It asks no model."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from dualview.dataset_builder.schema import CandidateSet, Rejection, ViewPair, Writer
from dualview.dataset_builder.writers.writer_protocol import Item, Outcome

_WRITER = Writer(kind="replay")


class ReplayWriter:
    """Turns the recorded reversals of a candidate set into view pairs, one a reversal.

    Every passage of a set meets one of its instructions and breaks the others, so the remaining passages of a
    set break both instructions of a pair.
    """

    kind = _WRITER.kind

    def accepts(self, item: Item) -> bool:
        """Whether the item is a candidate set with recorded reversals."""
        return isinstance(item, CandidateSet) and bool(item.recorded)

    def write(self, item: Item) -> Iterator[Outcome]:
        """A view pair for each recorded reversal, in the order of the record."""
        assert isinstance(item, CandidateSet)
        passages = {passage.docid: passage for passage in item.instruction_negatives}
        for reversal in item.recorded:
            target = passages.get(reversal.target)
            if target is None:
                yield Rejection(
                    query_id=item.query_id,
                    set_id=item.set_id,
                    query=item.query,
                    writer_kind=self.kind,
                    reason="target_left_out",
                    detail=f"the passage '{reversal.target}' is not among the instruction negatives",
                    instruction=item.instruction,
                    reversed_instruction=reversal.instruction,
                    positive=item.positive,
                )
                continue
            yield ViewPair(
                set_id=item.set_id,
                query_id=item.query_id,
                query=item.query,
                instruction=item.instruction,
                reversed_instruction=reversal.instruction,
                positive=item.positive,
                reversed_positive=target,
                other_instruction_negatives=tuple(
                    passage for docid, passage in passages.items() if docid != reversal.target
                ),
                hard_negatives=item.hard_negatives,
                answers=(item.positive, *item.instruction_negatives),
                lever=reversal.lever,
                style=item.style,
                writer=_WRITER,
                paraphrased_instruction=item.paraphrase,
                domain=item.domain,
                source=item.source,
                license=item.license,
            )

    def describe(self) -> Writer:
        """The writer as the card names it."""
        return _WRITER


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: this writer has no options."""


def make_writer(args: argparse.Namespace) -> ReplayWriter:
    """The writer for a build."""
    return ReplayWriter()
