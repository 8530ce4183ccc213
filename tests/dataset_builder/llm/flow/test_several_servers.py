"""Several servers of one model: requests go where there is room, and a server that fails is left."""

import asyncio
import json

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.connection import find_server
from dualview.dataset_builder.llm.flow.breaker import Breaker
from dualview.dataset_builder.llm.flow.sending import Limits
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.pacing import Backoff
from dualview.dataset_builder.llm.setup import ClientSettings, LlmRun, open_llm_client
from tests.dataset_builder.llm_server.asking import request
from tests.dataset_builder.llm_server.server import Behaviour, FakeLlm


def ask_two(tmp_path, first, second, use, concurrency=16, patience=20.0):
    """Run ``use(client, fakes)`` with a client of two servers; return what it returns, and the servers."""

    async def run():
        fakes = [FakeLlm(first), FakeLlm(second)]
        servers = [find_server(f"http://127.0.0.1:{await fake.start()}/v1", None, 5) for fake in fakes]
        breakers = [
            Breaker(f"the server {name}", patience=patience, first_pause=0.05, longest_pause=0.1)
            for name in "AB"
        ]
        with Ledger(tmp_path / "l.sqlite") as ledger:
            client = LlmClient(
                servers[0],
                "m",
                ledger,
                "openai",
                concurrency=concurrency,
                breaker=breakers[0],
                others=[(servers[1], "openai", Limits(concurrency, breaker=breakers[1]))],
                backoff=Backoff(0.001, 0.01),
            )
            try:
                return await use(client, fakes), fakes
            finally:
                await client.close()
                for fake in fakes:
                    await fake.stop()

    return asyncio.run(run())


async def ask_many(client, count):
    return await asyncio.gather(*(client.ask(request(str(number))) for number in range(count)))


def test_requests_go_where_there_is_room(tmp_path):
    async def use(client, fakes):
        return await ask_many(client, 120)

    replies, (fast, slow) = ask_two(tmp_path, Behaviour(latency=0.03), Behaviour(latency=0.8), use)
    assert len(replies) == 120
    assert fast.came.total() + slow.came.total() == 120
    assert 2 * slow.came.total() < fast.came.total()
    assert slow.came.total() > 0


def test_a_server_that_fails_is_left_and_tried_again(tmp_path, capsys):
    async def use(client, fakes):
        fakes[1].behaviour.status = 503
        await ask_many(client, 60)
        failed = fakes[1].came.total()
        fakes[1].behaviour.status = None
        await asyncio.sleep(0.15)
        await asyncio.gather(*(client.ask(request(f"more {number}")) for number in range(120)))
        return failed, fakes[1].answered.total()

    (failed, answered), _ = ask_two(tmp_path, Behaviour(latency=0.02), Behaviour(latency=0.02), use)
    assert failed <= 12
    assert answered > 10
    shown = capsys.readouterr().err
    assert "the server B fails every time (status 503: as I was told): the others go on" in shown
    assert "the server B answers again." in shown


def test_a_server_that_refuses_the_key_is_left_for_good(tmp_path, capsys):
    async def use(client, fakes):
        return await ask_many(client, 40)

    replies, fakes = ask_two(tmp_path, Behaviour(key="other"), Behaviour(), use)
    assert len(replies) == 40
    assert fakes[1].answered.total() == 40
    assert "It is left, and the others go on." in capsys.readouterr().err


def test_the_build_ends_where_all_servers_fail(tmp_path):
    async def use(client, fakes):
        with pytest.raises(InputError, match="has not answered for"):
            await ask_many(client, 20)

    ask_two(tmp_path, Behaviour(status=503), Behaviour(status=500), use, patience=0.3)
    with pytest.raises(InputError, match="does not accept the API key"):
        ask_two(tmp_path, Behaviour(key="a"), Behaviour(key="b"), lambda client, _: ask_many(client, 9))


def open_on(tmp_path, urls, **more):
    run = LlmRun.open(tmp_path / "l.sqlite")
    try:
        return open_llm_client(ClientSettings(patience=0.2, **more).on(urls), run)
    finally:
        run.close()


def serve_two(first, second, use):
    async def run():
        fakes = [FakeLlm(first), FakeLlm(second)]
        urls = [f"http://127.0.0.1:{await fake.start()}/v1" for fake in fakes]
        try:
            return await asyncio.to_thread(use, urls)
        finally:
            for fake in fakes:
                await fake.stop()

    return asyncio.run(run())


def test_each_server_is_probed_and_one_that_is_away_is_left_for_now(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("dualview.dataset_builder.llm.servers.waiting._PAUSE", 0.0)

    def use(urls):
        two = open_on(tmp_path, urls)
        assert [sender.dialect for sender in two._senders] == ["openai", "vllm"]
        away = open_on(tmp_path, ["http://127.0.0.1:9/v1", urls[1]])
        assert [sender.dialect for sender in away._senders] == ["vllm", "vllm"]
        assert two.server == ", ".join(urls)

    serve_two(Behaviour(), Behaviour(enforces=("vllm",)), use)
    shown = capsys.readouterr().err
    assert "http://127.0.0.1:9/v1 does not answer" in shown
    assert "It is left for now." in shown
    with pytest.raises(InputError, match="does not answer"):
        open_on(tmp_path, ["http://127.0.0.1:9/v1", "http://127.0.0.1:8/v1"])


def test_servers_of_two_models_are_refused_unless_the_model_is_named(tmp_path):
    def use(urls):
        with pytest.raises(InputError, match=r"has the model b, and .* has a: give servers of one model"):
            open_on(tmp_path, urls)
        assert open_on(tmp_path, urls, model="b").model == "b"

    serve_two(Behaviour(models=("a",)), Behaviour(models=("b",)), use)


@pytest.mark.parametrize(("slots", "most"), [(None, 32), (4, 4), (100, 32), (0, 32), (True, 32)])
def test_no_more_is_sent_to_a_server_of_llama_cpp_than_it_has_slots(tmp_path, capsys, slots, most):
    def use(urls):
        both = open_on(tmp_path, urls)
        assert [sender.slots.most for sender in both._senders] == [most, 1]
        assert both.concurrency == most + 1

    serve_two(Behaviour(slots=slots), Behaviour(slots=1), use)
    shown = capsys.readouterr().err
    assert ("works on 4 at once" in shown) == (most == 4)
    assert "works on 1 at once" in shown


def test_the_speed_of_a_probe_is_kept(tmp_path):
    serve_two(Behaviour(latency=0.05), Behaviour(), lambda urls: open_on(tmp_path, urls[:1]))
    run = LlmRun.open(tmp_path / "l.sqlite")
    facts = dict(run.ledger._db.execute("SELECT name, value FROM facts"))
    run.close()
    (kept,) = [json.loads(value) for name, value in facts.items() if json.loads(name)[0] == "speed"]
    assert 0.05 <= kept["seconds"] < 2
    assert kept["reply_tokens"] >= 1
