"""The time that a request may take, while others are before it or beside it."""

import asyncio

import pytest

from dualview.dataset_builder.llm.flow.turns import MadeRoomError, Turns
from tests.dataset_builder.llm_server.asking import ask, request
from tests.dataset_builder.llm_server.server import Behaviour


def outcomes(timeout, answers, gap=0.01):
    """What becomes of requests sent one shortly after the other, each answered after so many seconds."""
    told = []

    async def run():
        turns = Turns(timeout, lambda: told.append(True))

        async def send(seconds):
            try:
                return await turns.wait_for(asyncio.sleep(seconds, "reply"))
            except TimeoutError as error:
                return type(error).__name__

        tasks = []
        for seconds in answers:
            tasks.append(asyncio.ensure_future(send(seconds)))
            await asyncio.sleep(gap)
        found = await asyncio.gather(*tasks)
        assert not turns._sent
        return found

    return asyncio.run(run()), len(told)


def test_a_request_that_waits_for_others_has_its_time_after_them():
    """A server that answers one after the other, each in 0.15 s, and a time-out of 0.25 s."""
    found, told = outcomes(0.25, [0.15 * (place + 1) for place in range(8)], gap=0)
    assert found == ["reply"] * 8
    assert told == 0


def test_a_request_that_is_overtaken_is_late_alone():
    found, told = outcomes(0.3, [9, 0.1, 0.15, 0.2])
    assert found == ["TimeoutError", "reply", "reply", "reply"]
    assert told == 0


def test_the_older_half_is_spared_where_all_are_late():
    found, told = outcomes(0.3, [0.45] * 8)
    assert found == ["reply"] * 4 + ["MadeRoomError"] * 4
    assert told == 1


def test_a_server_that_hangs_has_everything_given_up_in_the_end():
    found, told = outcomes(0.1, [9] * 8)
    assert "reply" not in found
    assert found[-1] == "MadeRoomError"
    assert found[0] == "TimeoutError"
    assert told >= 2


def test_one_request_alone_has_its_time_and_no_more():
    assert outcomes(0.1, [9]) == (["TimeoutError"], 0)
    assert issubclass(MadeRoomError, TimeoutError)


def test_an_error_and_a_cancellation_pass_through():
    async def run():
        turns = Turns(5, lambda: None)

        async def fail():
            raise KeyError("mine")

        with pytest.raises(KeyError):
            await turns.wait_for(fail())
        task = asyncio.ensure_future(turns.wait_for(asyncio.sleep(9)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not turns._sent

    asyncio.run(run())


def test_what_is_remembered_stays_small():
    async def run():
        turns = Turns(5, lambda: None)
        for _ in range(3000):
            await turns.wait_for(asyncio.sleep(0))
        return len(turns._answered)

    assert asyncio.run(run()) <= 1025


def test_a_server_with_one_slot_answers_all_without_a_second_try(tmp_path):
    """Sixteen requests of 0.1 s, one after the other, with a time-out of 0.8 s."""
    turn = asyncio.Lock()

    async def use(client, fake):
        client._senders[0].slots.limit = 16
        respond = fake._respond

        async def one_by_one(*how):
            async with turn:
                return await respond(*how)

        fake._respond = one_by_one
        return await asyncio.gather(*(client.ask(request(str(number))) for number in range(16)))

    replies, fake = ask(tmp_path, Behaviour(latency=0.1), use, timeout=0.8, concurrency=16)
    assert len(replies) == 16
    assert set(fake.came.values()) == {1}
