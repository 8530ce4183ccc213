"""A server that is away for a while is waited for within --patience; one that never was there is not."""

import asyncio
import time

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.flow.breaker import Breaker
from dualview.dataset_builder.llm.setup import ClientSettings, LlmRun, open_llm_client
from tests.dataset_builder.llm_server.asking import ask, request, rows, with_server
from tests.dataset_builder.llm_server.server import Behaviour

_AWAY = 0.4  # seconds


def breaker(patience=20.0):
    return Breaker("the server", patience=patience, first_pause=0.05, longest_pause=0.1)


async def restart(fake, seconds=_AWAY):
    """End a server; it listens on the same port again after some time."""
    await fake.stop()
    await asyncio.sleep(seconds)
    await fake.start(fake.port)


@pytest.mark.parametrize("at_once", [1, 2, 20])
def test_no_request_is_given_up_while_the_server_is_restarted(tmp_path, at_once, capsys):
    """Nobody listens for a while, and then the model is loaded for a while."""

    async def use(client, fake):
        async def ask_some(first):
            return [await client.ask(request(str(number))) for number in range(first, 20, at_once)]

        await client.ask(request("first"))
        fake.behaviour.loading = _AWAY
        asked = asyncio.gather(*map(ask_some, range(at_once)))
        await restart(fake)
        return [reply for replies in await asked for reply in replies]

    replies, _ = ask(
        tmp_path,
        Behaviour(latency=0.02),
        use,
        concurrency=at_once,
        max_tries=4,
        breaker=breaker(),
    )
    assert len(replies) == 20
    assert "fails every time" in capsys.readouterr().err
    assert len(rows(tmp_path, "reply")) == 21


def test_a_try_that_no_server_received_does_not_count(tmp_path):
    async def use(client, fake):
        await client.ask(request("first"))
        again = asyncio.create_task(restart(fake, 0.2))
        await asyncio.sleep(0.05)
        reply = await client.ask(request("second"))
        await again
        return reply

    # The circuit would open after a hundred failures only.
    slow = Breaker("the server", after=400, patience=20.0)
    reply, _ = ask(tmp_path, Behaviour(), use, concurrency=8, max_tries=2, breaker=slow)
    assert reply.text


def test_a_server_that_stays_away_ends_the_build_after_the_patience(tmp_path):
    async def use(client, fake):
        await client.ask(request("first"))
        await fake.stop()
        with pytest.raises(InputError, match=r"has not answered for 1 s .*raise --patience"):
            await client.ask(request("second"))

    started = time.monotonic()
    ask(tmp_path, Behaviour(), use, concurrency=1, max_tries=2, breaker=breaker(1.0))
    assert time.monotonic() - started < 15


def open_on(tmp_path, url, **more):
    run = LlmRun.open(tmp_path / "l.sqlite")
    try:
        return open_llm_client(ClientSettings(base_url=url, **more), run)
    finally:
        run.close()


@pytest.mark.parametrize("model", [None, "other-model"])
def test_a_build_that_goes_on_waits_for_a_server_that_is_restarted(tmp_path, capsys, monkeypatch, model):
    """Its address is right: it has answered before, with this model or with another one."""

    monkeypatch.setattr("dualview.dataset_builder.llm.servers.waiting._PAUSE", 0.02)

    async def use(fake, url):
        await asyncio.to_thread(open_on, tmp_path, url)
        await fake.stop()
        opened = asyncio.create_task(asyncio.to_thread(open_on, tmp_path, url, model=model))
        shown = ""
        while "waiting for it up to 15 min (--patience)" not in shown:
            assert not opened.done(), shown
            await asyncio.sleep(0.05)
            shown += capsys.readouterr().err
        await fake.start(fake.port)
        return await opened

    _, client = with_server(Behaviour(), use)
    assert client.model == model or model is None


@pytest.mark.parametrize("model", [None, "m"])
def test_an_address_where_nobody_is_ends_the_command_soon(tmp_path, model, monkeypatch):
    monkeypatch.setattr("dualview.dataset_builder.llm.servers.waiting._PAUSE", 0.0)
    with pytest.raises(InputError) as error:
        open_on(tmp_path, "http://127.0.0.1:9/v1", model=model)
    said = str(error.value)
    assert "the server http://127.0.0.1:9/v1 does not answer" in said
    assert "start it, or check --base-url" in said and "\n" not in said
