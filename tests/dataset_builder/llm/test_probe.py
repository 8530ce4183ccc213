"""Probing: the dialect and the model of a server, and a server that is not ready."""

import asyncio
import json
import time

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.connection import JUDGE, KEY_VARIABLE, find_server
from dualview.dataset_builder.llm.dialects import DIALECTS, PLAIN
from dualview.dataset_builder.llm.flow.breaker import Breaker
from dualview.dataset_builder.llm.servers.probe import find_dialect, find_model
from dualview.dataset_builder.llm.setup import ClientSettings, LlmRun, open_llm_client
from tests.dataset_builder.llm_server.asking import ask, request, with_server
from tests.dataset_builder.llm_server.server import Behaviour


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("dualview.dataset_builder.llm.servers.waiting._PAUSE", 0.0)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_probing_finds_the_dialect_that_is_obeyed(dialect):
    async def probe(fake, url):
        return await find_dialect(find_server(url, None, 5), "m")

    _, found = with_server(Behaviour(enforces=(dialect,)), probe)
    assert found == dialect
    # As a server does that takes other forms for an error, and one that stumbles first.
    others = tuple(other for other in DIALECTS if other != dialect)
    fails = ["429", "503", "cut"]
    _, found = with_server(Behaviour(enforces=(dialect,), refuses=others, fails=fails), probe)
    assert found == dialect


def test_a_server_that_obeys_no_schema_is_plain():
    async def probe(fake, url):
        return await find_dialect(find_server(url, None, 5), "m")

    assert with_server(Behaviour(enforces=()), probe)[1] == PLAIN
    assert with_server(Behaviour(enforces=(), refuses=DIALECTS), probe)[1] == PLAIN


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        (Behaviour(key="other"), "does not accept the API key"),
        (Behaviour(status=404), "knows no such model or address"),
        (Behaviour(status=400), "answers no request"),
    ],
)
def test_a_server_that_cannot_be_used_is_found_out_at_once(behaviour, says, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "my-own-secret")

    async def probe(fake, url):
        return await find_dialect(find_server(url, None, 5), "m")

    with pytest.raises(InputError, match=says) as error:
        with_server(behaviour, probe)
    assert "secret" not in str(error.value)


def test_nobody_there_is_one_line():
    server = find_server("http://127.0.0.1:9/v1", None, 5)
    with pytest.raises(InputError, match=r"127\.0\.0\.1:9/v1 does not answer"):
        asyncio.run(find_dialect(server, "m"))
    with pytest.raises(
        InputError, match=r"127\.0\.0\.1:9/v1 does not answer .*start it, or check --base-url"
    ):
        asyncio.run(find_model(server))


def test_the_model_is_the_first_listed():
    async def find(fake, url):
        return await find_model(find_server(url.removesuffix("/v1"), None, 5))

    assert with_server(Behaviour(models=("a/b", "c")), find)[1] == "a/b"
    with pytest.raises(InputError, match="lists no model"):
        with_server(Behaviour(models=()), find)


def test_what_probing_found_is_recorded_and_not_asked_again(tmp_path, capsys):
    def open_one(url):
        run = LlmRun.open(tmp_path / "l.sqlite")
        open_llm_client(ClientSettings(base_url=url), run)
        run.close()

    async def probe_twice(fake, url):
        await asyncio.to_thread(open_one, url)
        asked = len(fake.bodies)
        await asyncio.to_thread(open_one, url)
        return asked

    fake, asked = with_server(Behaviour(enforces=("vllm",)), probe_twice)
    assert len(fake.bodies) == asked == 3
    said = capsys.readouterr().err
    assert said.count("enforces schemas in vLLM's form (--dialect vllm)") == 2
    assert "has the model fake-model" in said
    run = LlmRun.open(tmp_path / "l.sqlite")
    facts = dict(run.ledger._db.execute("SELECT name, value FROM facts"))
    run.close()
    kept = {json.loads(name)[0]: value for name, value in facts.items()}
    assert kept.keys() == {"answered", "dialect", "speed"} and kept["dialect"] == "vllm"


def test_a_server_that_loads_its_model_is_waited_for(capsys, monkeypatch):
    monkeypatch.setattr("dualview.dataset_builder.llm.servers.waiting._PAUSE", 0.05)

    async def find(fake, url):
        server = find_server(url, None, 5)
        fake._ready = time.monotonic() + 1.5
        model = await find_model(server, patience=20)
        fake._ready = time.monotonic() + 1.5
        return model, await find_dialect(server, model, patience=20)

    assert with_server(Behaviour(), find)[1] == ("fake-model", "openai")
    shown = capsys.readouterr().err
    assert shown.count("is not ready (status 503: ") == 2
    assert shown.count("(status 503: Loading model): waiting for it up to 20 s (--patience)") == 2


@pytest.mark.parametrize("find", [find_model, lambda server, patience: find_dialect(server, "m", patience)])
def test_a_server_that_never_gets_ready_is_waited_for_as_long_as_patience(monkeypatch, find):
    monkeypatch.setattr("dualview.dataset_builder.llm.servers.waiting._PAUSE", 0.02)

    async def run(fake, url):
        await find(find_server(url, None, 5), 0.5)

    started = time.monotonic()
    with pytest.raises(InputError, match=r"status 503.*Loading model"):
        with_server(Behaviour(loading=60), run)
    assert 0.5 <= time.monotonic() - started < 5


def test_a_client_waits_for_a_server_that_loads_its_model_however_few_the_requests(tmp_path):
    async def use(client, fake):
        replies = [await client.ask(request("first"))]
        # It loads the model again, or another one for somebody else.
        fake._ready = time.monotonic() + 1.0
        return [*replies, await client.ask(request("second"))]

    breaker = Breaker("the server", first_pause=0.05, longest_pause=0.1)
    replies, _ = ask(tmp_path, Behaviour(loading=1.0), use, max_tries=4, breaker=breaker)
    assert len(replies) == 2


@pytest.mark.parametrize(
    "name", ["evil\x1b[2J", "a\nerror: all is fine", "", " ", "x" * 501, "my-own-secret-key-123", "a\u202eb"]
)
def test_a_model_name_that_cannot_be_shown_is_passed_over(monkeypatch, name):
    monkeypatch.setenv(KEY_VARIABLE, "my-own-secret-key-123")

    async def find(fake, url):
        return await find_model(find_server(url, None, 5))

    assert with_server(Behaviour(models=(name, "org/good")), find)[1] == "org/good"
    with pytest.raises(InputError, match="lists no model with a plain name; name one with --model") as error:
        with_server(Behaviour(models=(name,)), find)
    assert str(error.value).isprintable()


def test_a_list_of_models_that_is_none_is_one_line(monkeypatch):
    async def find(fake, url):
        return await find_model(find_server(url, None, 5))

    for listed in ("[" * 100_000, "<html>", '"text"', '{"data": [5, {"id": 5}]}'):
        monkeypatch.setattr("tests.dataset_builder.llm_server.server.json.dumps", lambda *_, it=listed: it)
        with pytest.raises(InputError, match="--model") as error:
            with_server(Behaviour(), find)
        assert str(error.value).isprintable()
        monkeypatch.undo()


def test_messages_name_the_role_of_the_model(tmp_path, capsys, monkeypatch):
    def open_one(url):
        run = LlmRun.open(tmp_path / "l.sqlite")
        open_llm_client(ClientSettings(base_url=url), run, JUDGE)
        run.close()

    async def open_it(fake, url):
        await asyncio.to_thread(open_one, url)

    with_server(Behaviour(), open_it)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("Judge: http://127.0.0.1:") for line in lines)
    with pytest.raises(InputError, match="the judge needs a server: give --judge-base-url"):
        find_server(None, None, 5, JUDGE)
    with pytest.raises(InputError, match="--judge-base-url is not a URL"):
        find_server("here", None, 5, JUDGE)
