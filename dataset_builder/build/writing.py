"""Writes items with the writers of a build, in the order of the items, many at once where they wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dualview.dataset_builder.event_loop import Waiting
from dualview.dataset_builder.schema import Outcome, PlainQuery, Rejection
from dualview.dataset_builder.splits.plan import PlacedItem
from dualview.dataset_builder.writers.further_writers import write_further, write_in
from dualview.dataset_builder.writers.writer_protocol import (
    AnyWriter,
    AsyncPairWriter,
    choose_writer,
    write_beside,
)

_REPEATED = "an earlier item of the sources has the same query, passages and instructions"


@dataclass(frozen=True)
class WrittenItem:
    """An item with its split and the outcomes of its writer.

    :ivar checked: whether the writer has checked its pairs by the rules already.
    """

    placed: PlacedItem
    outcomes: Sequence[Outcome]
    checked: bool = False


def write_items(
    placed: Iterable[PlacedItem], writers: Sequence[AnyWriter], waiting: Waiting
) -> Iterator[WrittenItem]:
    """Have each item written by the first writer that takes it.

    A plain query needs no writer, and an item that repeats an earlier one gets none.

    :raises InputError: if no writer takes an item.
    """
    slow = [writer for writer in writers if isinstance(writer, AsyncPairWriter)]
    if not slow:
        for item in placed:
            yield WrittenItem(item, _write_at_once(item, writers) or [])
        return
    window = max(writer.concurrency for writer in slow)
    yield from waiting.in_order(placed, lambda item: _write(item, writers), window)


async def _write(placed: PlacedItem, writers: Sequence[AnyWriter]) -> WrittenItem:
    outcomes = _write_at_once(placed, writers)
    if outcomes is not None:
        return WrittenItem(placed, outcomes)
    assert not isinstance(placed.item, PlainQuery)
    writer = choose_writer(placed.item, writers)
    # `isinstance` with a protocol would take longer than all the rest, here and below.
    assert hasattr(writer, "write_async")
    outcomes = [*await writer.write_async(placed.item), *write_beside(placed.item, writers)]
    return WrittenItem(placed, outcomes, checked=getattr(writer, "checks_pairs", False))


def _write_at_once(placed: PlacedItem, writers: Sequence[AnyWriter]) -> Sequence[Outcome] | None:
    """The outcomes of an item that needs no answer from elsewhere; None where one must be waited for."""
    if placed.repeated:
        return [Rejection.of_item(placed.item, "repeated", _REPEATED)]
    if isinstance(placed.item, PlainQuery):
        return []
    writer = choose_writer(placed.item, writers)
    if not hasattr(writer, "write"):
        return None
    return [
        *write_in(writer, placed.item, placed.split),
        *write_further(placed.item, placed.split, writer, writers),
        *write_beside(placed.item, writers),
    ]
