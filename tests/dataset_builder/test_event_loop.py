"""The loop of stages that wait: order, and errors of several tasks at once."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading

import pytest

from dualview.dataset_builder.event_loop import Waiting, call_outside_loop


def test_results_come_in_the_order_of_the_items() -> None:
    async def work(number: int) -> int:
        await asyncio.sleep(0.01 / number)
        return number

    with Waiting() as waiting:
        assert list(waiting.in_order(range(1, 8), work, window=3)) == list(range(1, 8))


@pytest.mark.parametrize("delay", [0.0, 0.02])
def test_the_first_error_is_the_only_one_that_is_told(delay: float, caplog: pytest.LogCaptureFixture) -> None:
    async def fail(number: int) -> None:
        await asyncio.sleep(0.001 if number == 0 else delay)
        raise ValueError(f"item {number}")

    with pytest.raises(ValueError, match="item 0"), Waiting() as waiting:
        list(waiting.in_order(range(4), fail, window=4))
    gc.collect()
    assert not caplog.records


def test_the_garbage_collector_works_as_before_when_the_loop_has_ended() -> None:
    usual = gc.get_threshold()
    with Waiting() as outer:
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > usual[0]
        with Waiting():
            pass
        assert gc.get_freeze_count() > 0
        assert list(outer.in_order([1], lambda it: asyncio.sleep(0, it), 1)) == [1]
    assert gc.get_freeze_count() == 0
    assert gc.get_threshold() == usual


def test_work_with_a_loop_of_its_own_runs_where_one_runs_already() -> None:
    def work() -> list[int]:
        with Waiting() as waiting:
            return list(waiting.in_order([1, 2], lambda it: asyncio.sleep(0, it), 2))

    async def cell() -> list[int]:
        return call_outside_loop(work)

    assert call_outside_loop(work) == asyncio.run(cell()) == [1, 2]


def test_ctrl_c_in_a_notebook_ends_the_work() -> None:
    waits, cancelled = threading.Event(), threading.Event()

    async def wait_for_ever(item: int) -> int:
        waits.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return item

    def work() -> list[int]:
        with Waiting() as waiting:
            return list(waiting.in_order([1], wait_for_ever, 1))

    def press() -> None:
        waits.wait()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    # A shell's background job inherits that Ctrl-C is ignored; a notebook has Python's own handler.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    # A notebook's loop leaves Ctrl-C to Python, unlike asyncio.run.
    loop = asyncio.new_event_loop()
    loop.call_soon(lambda: call_outside_loop(work))
    threading.Thread(target=press).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            loop.run_forever()
    finally:
        signal.signal(signal.SIGINT, before)
    assert cancelled.is_set()
    loop.close()
