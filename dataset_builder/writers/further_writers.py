"""Pairs of writers beside the one that takes an item, where the item names them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from dualview.dataset_builder.schema import Item, Outcome, Rejection
from dualview.dataset_builder.writers.writer_protocol import AnyWriter, PairWriter, SplitWriter


def write_in(writer: AnyWriter, item: Item, split: str) -> Iterator[Outcome]:
    """The outcomes of a writer that need not be waited for, for an item of a split."""
    # `isinstance` with a protocol would take longer than the writing.
    if hasattr(writer, "write_in_split"):
        return cast(SplitWriter, writer).write_in_split(item, split)
    return cast(PairWriter, writer).write(item)


def write_further(
    item: Item, split: str, taker: AnyWriter, writers: Sequence[AnyWriter]
) -> Iterator[Outcome]:
    """The pairs of the writers that the item names in ``also``; that they find none is no rejection.

    :param taker: the writer that took the item.
    """
    also = getattr(item, "also", ())
    for writer in writers if also else ():
        if writer is not taker and writer.kind in also and hasattr(writer, "write") and writer.accepts(item):
            for outcome in write_in(writer, item, split):
                if not isinstance(outcome, Rejection):
                    yield outcome
