"""What the writers make of the items, in the order of the items, however many wait for answers at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dataset_builder.export import reject_repeated
from dataset_builder.schema import PlainQuery
from dataset_builder.splits import PlacedItem
from dataset_builder.writers import AnyWriter, AsyncPairWriter, Outcome, choose_writer


@dataclass(frozen=True)
class WrittenItem:
    """An item with its split and what its writer made of it."""

    placed: PlacedItem
    outcomes: Sequence[Outcome]


_Waiting: TypeAlias = tuple[PlacedItem, asyncio.Task[Sequence[Outcome]]]


def write_items(placed: Iterable[PlacedItem], writers: Sequence[AnyWriter]) -> Iterator[WrittenItem]:
    """Have each item written by the first writer that takes it.

    A plain query needs no writer, and an item that repeats an earlier one gets none.

    :raises InputError: if no writer takes an item.
    """
    if any(isinstance(writer, AsyncPairWriter) for writer in writers):
        yield from _write_concurrently(placed, writers)
    else:
        for item in placed:
            yield WrittenItem(item, _write_at_once(item, writers) or [])


def _write_concurrently(placed: Iterable[PlacedItem], writers: Sequence[AnyWriter]) -> Iterator[WrittenItem]:
    """Keep as many items waiting as the writers allow, and hand the oldest on as soon as it is there."""
    window = max(writer.concurrency for writer in writers if isinstance(writer, AsyncPairWriter))
    waiting: deque[_Waiting] = deque()
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        try:
            for item in placed:
                waiting.append((item, loop.create_task(_write(item, writers))))
                if len(waiting) >= window:
                    yield _finish_oldest(loop, waiting)
            while waiting:
                yield _finish_oldest(loop, waiting)
        finally:
            loop.run_until_complete(_stop(waiting, writers))


def _finish_oldest(loop: asyncio.AbstractEventLoop, waiting: deque[_Waiting]) -> WrittenItem:
    # It leaves the queue only when it is done: after Ctrl-C it must be stopped with the others.
    item, task = waiting[0]
    outcomes = loop.run_until_complete(task)
    waiting.popleft()
    return WrittenItem(item, outcomes)


async def _write(placed: PlacedItem, writers: Sequence[AnyWriter]) -> Sequence[Outcome]:
    outcomes = _write_at_once(placed, writers)
    if outcomes is not None:
        return outcomes
    assert not isinstance(placed.item, PlainQuery)
    writer = choose_writer(placed.item, writers)
    assert isinstance(writer, AsyncPairWriter)
    return await writer.write_async(placed.item)


def _write_at_once(placed: PlacedItem, writers: Sequence[AnyWriter]) -> Sequence[Outcome] | None:
    """The outcomes of an item that nobody must be asked about; None where an answer must be waited for."""
    if placed.repeated:
        return [reject_repeated(placed.item)]
    if isinstance(placed.item, PlainQuery):
        return []
    writer = choose_writer(placed.item, writers)
    return None if isinstance(writer, AsyncPairWriter) else list(writer.write(placed.item))


async def _stop(waiting: Iterable[_Waiting], writers: Sequence[AnyWriter]) -> None:
    tasks = [task for _, task in waiting]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for writer in writers:
        if isinstance(writer, AsyncPairWriter):
            await writer.close()
