"""Requests in flight: fewer where the server lets them time out together, more again where it answers."""

import asyncio

import pytest

from dualview.dataset_builder.llm.client import RequestFailedError
from dualview.dataset_builder.llm.pacing import Breaker
from dualview.dataset_builder.llm.slots import Slots
from tests.dataset_builder.llm_server.asking import ask, request
from tests.dataset_builder.llm_server.server import Behaviour


def fill(slots, count):
    async def take():
        return [await slots.take() for _ in range(count)]

    return asyncio.run(take())


def test_a_mass_of_timeouts_halves_the_limit_once(capsys):
    slots = Slots("the server", 16, 4)
    rounds = fill(slots, 16)
    for sent_in in rounds:
        slots.timed_out(sent_in)
        slots.give_back()
    assert slots.limit == 8
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "within 4 s" in shown
    assert "--concurrency" in shown
    assert "--timeout" in shown

    async def take_nine():
        await asyncio.gather(*(slots.take() for _ in range(8)))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(slots.take(), 0.01)

    asyncio.run(take_nine())


def test_some_timeouts_among_answers_change_nothing(capsys):
    slots = Slots("the server", 16, 4)
    sent_in = fill(slots, 16)[0]
    for number in range(400):
        if number % 3:
            slots.answered()
        else:
            slots.timed_out(sent_in)
    assert slots.limit == 16
    assert not capsys.readouterr().err


def test_the_limit_does_not_fall_below_one():
    slots = Slots("the server", 5, 4)
    for _ in range(4):
        for sent_in in fill(slots, slots.limit):
            slots.timed_out(sent_in)
            slots.give_back()
    assert slots.limit == 1
    assert fill(slots, 1)


def test_the_limit_rises_again_step_by_step():
    slots = Slots("the server", 4, 4)
    for sent_in in fill(slots, 4):
        slots.timed_out(sent_in)
        slots.give_back()
    assert slots.limit == 2
    for _ in range(20):
        slots.answered()
    assert slots.limit == 3
    for _ in range(1000):
        slots.answered()
    assert slots.limit == 4


def test_a_server_that_is_slow_for_all_at_once_is_asked_less_at_once(tmp_path, capsys):
    """Twelve requests share a server: each takes 0.6 s beside the others, and the timeout is 0.35 s."""

    async def use(client, fake):
        replies = await asyncio.gather(*(client.ask(request(str(number))) for number in range(12)))
        return len(replies), client._sender._slots.limit

    breaker = Breaker("the server", first_pause=0.05, longest_pause=0.1)
    (count, limit), _ = ask(
        tmp_path, Behaviour(work=0.05), use, timeout=0.35, concurrency=12, breaker=breaker
    )
    assert count == 12
    assert limit <= 6
    shown = capsys.readouterr().err
    assert "go out at once; a lower --concurrency" in shown
    assert "no reply within 0.35 s; a longer --timeout" in shown


def test_a_server_that_hangs_does_not_bring_the_limit_down_to_one(tmp_path):
    async def use(client, fake):
        tasks = [asyncio.ensure_future(client.ask(request(str(number)))) for number in range(16)]
        while fake.came.total() < 16 + 4:  # all at once, then one at a time
            await asyncio.sleep(0.01)
        limit = client._sender._slots.limit
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return limit

    breaker = Breaker("the server", first_pause=0.01, longest_pause=0.02)
    limit, _ = ask(
        tmp_path, Behaviour(faults=1.0, kinds=("hang",)), use, timeout=0.1, concurrency=16, breaker=breaker
    )
    assert limit == 8


def test_the_message_of_a_single_timeout_names_the_options(tmp_path):
    async def use(client, fake):
        with pytest.raises(RequestFailedError, match=r"within 0\.1 s; a longer --timeout"):
            await client.ask(request())

    ask(tmp_path, Behaviour(fails=["hang"]), use, timeout=0.1, max_tries=1)
