"""One event loop for all stages of a build that wait for answers, so that they wait at the same time.

The stages are generators that pull from each other: while one waits for its oldest item, the loop also works
on what the others have asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from types import FrameType
from typing import Any, TypeAlias, TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")
# Those that Ctrl-C in another thread must reach.
_open_loops: set[asyncio.AbstractEventLoop] = set()
# New objects between two collections, some megabytes. Python's own default is 700.
_OBJECTS = 20_000
# Seconds after which a thread that waits for another looks for Ctrl-C.
_GLANCE = 0.5
#: Gives back connections.
Closer: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


@contextlib.contextmanager
def rare_collections() -> Iterator[None]:
    """Collect garbage less often, and never among what is there already, such as the libraries' objects.

    With many requests in flight, the collector looks through all of them again and again, and finds nothing.
    """
    ours, usual = not gc.get_freeze_count(), gc.get_threshold()
    if ours:
        gc.freeze()
    gc.set_threshold(_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        if ours:
            gc.unfreeze()


def call_outside_loop(work: Callable[[], _R]) -> _R:
    """Call a function that runs a loop of its own, also from where one runs already, such as a notebook.

    There it is called in a thread of its own, since a thread can run one loop at a time. Ctrl-C ends it where
    its loop is open, which it is while items are written and judged.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    with _interrupts_to_loops(), ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        # A Ctrl-C right before a wait is seen when the wait ends.
        while not future.done():
            wait([future], timeout=_GLANCE)
        return future.result()


@contextlib.contextmanager
def _interrupts_to_loops() -> Iterator[None]:
    """Have Ctrl-C end the open loops in other threads, rather than whatever this one is at.

    Python raises it between any two steps of the main thread, such as the start of the other, which nobody
    would then wait for. Where no loop is open it does as before.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        loops = tuple(_open_loops)
        for loop in loops:
            loop.call_soon_threadsafe(_interrupt)
        if not loops:
            before(number, frame)

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupt() -> None:
    # Asyncio lets it out of the loop, into the thread that runs it.
    raise KeyboardInterrupt


class Waiting:
    """The loop, open within a ``with`` statement; at its end, nothing that was begun goes on."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._closers: list[Closer] = []
        self._left: list[asyncio.Task[Any]] = []
        self._rarely = contextlib.ExitStack()

    def __enter__(self) -> Waiting:
        self._rarely.enter_context(rare_collections())
        _open_loops.add(self._runner.get_loop())
        return self

    def __exit__(self, *_: object) -> None:
        _open_loops.discard(self._runner.get_loop())
        try:
            self._runner.run(self._stop())
        finally:
            self._rarely.close()
            self._runner.close()

    def close_at_end(self, *closers: Closer) -> None:
        """Call functions that give back connections when the loop ends, also after an error or Ctrl-C."""
        self._closers.extend(closers)

    def in_order(
        self, items: Iterable[_T], work: Callable[[_T], Coroutine[Any, Any, _R]], window: int
    ) -> Iterator[_R]:
        """The results of work on the items, in their order, with so many items under way at once."""
        loop = self._runner.get_loop()
        under_way: deque[asyncio.Task[_R]] = deque()
        try:
            for item in items:
                under_way.append(loop.create_task(work(item)))
                if len(under_way) >= window:
                    yield self._finish_oldest(under_way)
            while under_way:
                yield self._finish_oldest(under_way)
        finally:
            # One error ends the build. Asyncio prints the errors of the other tasks unless they are read.
            self._left.extend(under_way)

    def _finish_oldest(self, under_way: deque[asyncio.Task[_R]]) -> _R:
        result = self._runner.get_loop().run_until_complete(under_way[0])
        under_way.popleft()
        return result

    async def _stop(self) -> None:
        tasks = {*self._left, *asyncio.all_tasks()} - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for close in self._closers:
            await close()
