"""Requests in flight: few at first, more while latency holds, fewer where the server cannot keep up."""

import asyncio

import pytest

from dualview.dataset_builder.llm.flow.breaker import Breaker
from dualview.dataset_builder.llm.flow.slots import Slots
from dualview.dataset_builder.llm.flow.tries import RequestFailedError
from tests.dataset_builder.llm_server.asking import ask, request
from tests.dataset_builder.llm_server.server import Behaviour


def serve_rounds(slots, latency, rounds):
    """Let requests come and go at the limit; ``latency(limit)`` gives the seconds of a reply. The limits."""
    limits = [slots.limit]
    flying = []
    for _ in range(rounds):
        for _ in range(2 * max(slots.limit, 4)):
            while slots.room > 0:
                flying.append(slots.take())
            slots.answered(flying.pop(0), latency(len(flying) + 1))
            slots.give_back()
        limits.append(slots.limit)
    return limits


def fill(slots):
    return [slots.take() for _ in range(slots.room)]


def test_the_limit_doubles_while_latency_holds():
    slots = Slots("the server", 256, 60)
    limits = serve_rounds(slots, lambda limit: 0.3, 5)
    assert limits[0] == 32
    assert limits[-1] == 256
    assert limits == sorted(limits)


@pytest.mark.parametrize("at_once", [3, 6])
def test_a_server_that_only_queues_is_asked_little_at_once(at_once):
    """It works on some requests at once, and the others wait."""
    slots = Slots("the server", 64, 600)
    limits = serve_rounds(slots, lambda limit: 2.0 * max(1, limit / at_once), 30)
    assert at_once <= max(limits) <= 24
    assert limits[-1] <= 16


def test_a_server_that_batches_is_asked_as_much_as_allowed():
    """Twice the requests take a fifth longer, as where a GPU computes them together."""
    slots = Slots("the server", 128, 600)
    assert serve_rounds(slots, lambda limit: 2.0 * limit**0.26, 8)[-1] == 128


def test_no_step_is_taken_towards_the_time_out():
    slots = Slots("the server", 32, 10)
    assert serve_rounds(slots, lambda limit: 0.9 * limit, 20)[-1] <= 6


def test_a_server_that_gets_slower_is_asked_less():
    slots = Slots("the server", 32, 600)
    seconds = iter([1.0] * 250 + [5.0] * 10_000)
    limits = serve_rounds(slots, lambda limit: next(seconds), 10)
    assert max(limits) == 32
    assert 20 < min(limits[limits.index(32) :]) < 32


def test_a_mass_of_timeouts_halves_the_limit_once(capsys):
    slots = Slots("the server", 128, 4)
    for sent_in in fill(slots):
        slots.give_back()
        slots.timed_out(sent_in)
    assert slots.limit == 8
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "within 4 s" in shown
    assert "--concurrency" in shown
    assert "--timeout" in shown


def test_refusals_of_most_requests_halve_the_limit_and_some_do_not(capsys):
    slots = Slots("the server", 128, 4)
    for number, sent_in in enumerate(fill(slots)):
        slots.give_back()
        if number % 3:
            slots.answered(sent_in, 1.0)
        else:
            slots.refused(sent_in)
    assert slots.limit == 16
    for sent_in in fill(slots):
        slots.give_back()
        slots.refused(sent_in)
    assert slots.limit == 8
    assert not capsys.readouterr().err


def test_the_limit_does_not_fall_below_one():
    slots = Slots("the server", 5, 4)
    for _ in range(4):
        for sent_in in fill(slots):
            slots.give_back()
            slots.timed_out(sent_in)
    assert slots.limit == 1
    assert slots.room == 1


def test_a_server_that_is_slow_for_all_at_once_is_asked_less_at_once(tmp_path, capsys):
    """Twelve requests share a server; all at once, each would take 1.8 s, and the time-out is 1 s."""

    async def use(client, fake):
        sender = client._senders[0]
        sender.slots.limit = 12
        replies = await asyncio.gather(*(client.ask(request(str(number))) for number in range(12)))
        return len(replies), sender.slots.limit

    (count, limit), _ = ask(tmp_path, Behaviour(work=0.15), use, timeout=1.0, concurrency=12)
    assert count == 12
    assert limit < 12
    shown = capsys.readouterr().err
    assert "go out at once; a lower --concurrency" in shown


def test_a_server_that_hangs_is_left_and_gets_new_chances(tmp_path, capsys):
    async def use(client, fake):
        fake.behaviour.faults = 1.0
        tasks = [asyncio.ensure_future(client.ask(request(str(number)))) for number in range(16)]
        while "trying again in" not in capsys.readouterr().err:
            await asyncio.sleep(0.02)
        limit = client._senders[0].slots.limit
        fake.behaviour.faults = 0.0
        await asyncio.gather(*tasks)
        return limit

    breaker = Breaker("the server", first_pause=0.05, longest_pause=0.1)
    limit, _ = ask(
        tmp_path, Behaviour(kinds=("hang",)), use, timeout=0.2, concurrency=64, max_tries=3, breaker=breaker
    )
    assert limit <= 4


def test_the_message_of_a_single_timeout_names_the_options(tmp_path):
    async def use(client, fake):
        with pytest.raises(RequestFailedError, match=r"within 0\.1 s; a longer --timeout"):
            await client.ask(request())

    ask(tmp_path, Behaviour(fails=["hang"]), use, timeout=0.1, max_tries=1)
