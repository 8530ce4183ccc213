"""The connections: whose reply it is, how long it may be, and where prompts go."""

import asyncio
import contextlib
import json
import re
import time
from pathlib import Path

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.connection import KEY_VARIABLE, find_server
from dualview.dataset_builder.llm.flow.tries import RequestFailedError
from dualview.dataset_builder.llm.wire import transport
from dualview.dataset_builder.llm.wire.proxies import Proxy, find_proxy
from tests.dataset_builder.llm_server.asking import ask, request
from tests.dataset_builder.llm_server.faults import HEAVY_FAULTS
from tests.dataset_builder.llm_server.replies import request_id
from tests.dataset_builder.llm_server.server import Behaviour, FakeLlm

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


async def failure_of(client, text="hello"):
    with pytest.raises((RequestFailedError, InputError)) as error:
        await client.ask(request(text))
    return str(error.value)


def belongs(text, reply):
    """Check that a reply of the loopback server was made for a request with this text."""
    return request_id([{"role": "user", "content": text}]) in reply.text


@pytest.mark.parametrize("later", [0.0, 0.005, 0.03, 0.1])
def test_a_reply_that_comes_twice_is_nobody_elses(tmp_path, later):
    texts = [f"question {number}" for number in range(40)]

    async def use(client, fake):
        return await asyncio.gather(*(client.ask(request(text)) for text in texts))

    behaviour = Behaviour(twice=0.4, later=later, latency=0.005, jitter=0.005)
    replies, fake = ask(tmp_path, behaviour, use, concurrency=3)
    assert all(belongs(text, reply) for text, reply in zip(texts, replies, strict=True))
    assert fake.came.total() == len(texts)


def test_a_reply_with_the_id_of_another_request_is_refused(tmp_path):
    async def use(client, fake):
        return await client.ask(request())

    reply, fake = ask(tmp_path, Behaviour(fails=["swapped"]), use)
    assert belongs("hello", reply)
    assert reply.attempts == 2
    first, second = (headers["x-request-id"] for headers in fake.headers)
    assert first != second

    async def give_up(client, fake):
        return await failure_of(client)

    (tmp_path / "l.sqlite").unlink()
    words, _ = ask(tmp_path, Behaviour(fails=["swapped"]), give_up, max_tries=1)
    assert "belongs to another request" in words


@pytest.mark.parametrize("kind", HEAVY_FAULTS)
def test_a_reply_without_end_is_given_up(tmp_path, monkeypatch, kind):
    seen = []
    whole = transport._read

    async def read(response, request):
        try:
            return await whole(response, request)
        finally:
            seen.append(response.content.total_bytes)

    monkeypatch.setattr(transport, "_read", read)
    started = time.monotonic()
    words, _ = ask(tmp_path, Behaviour(fails=[kind]), lambda it, _: failure_of(it), timeout=20, max_tries=1)
    assert "longer than 16 MB" in words
    assert seen[0] < 1.2 * transport.MAX_BODY  # 128 MB and more were on their way
    assert time.monotonic() - started < 8


def test_a_redirect_within_the_server_is_followed(tmp_path):
    async def use(client, fake):
        return await client.ask(request())

    reply, fake = ask(tmp_path, Behaviour(redirect="/v1/chat/completions/?followed"), use)
    assert belongs("hello", reply)
    assert reply.attempts == 1
    assert fake.came.total() == 2


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("http://localhost:{port}/v1", r"redirects to another server, http://localhost:\d+; .*--base-url"),
        ("http://127.0.0.1:9/v1", "redirects to another server, http://127.0.0.1:9;"),
        ("https://127.0.0.1:{port}/v1", "redirects to another server, https://"),
        ("//evil.example/v1", "redirects to another server, http://evil.example;"),
        ("http://me:pass@evil.example/", "redirects to another server, http://evil.example;"),
        ("http://[::1", "redirects to an address that is no URL"),
        ("", "redirects in circles"),
    ],
)
def test_prompts_do_not_follow_a_redirect_to_another_server(tmp_path, target, words):
    async def use(client, fake):
        fake.behaviour.redirect = target.format(port=fake.port)
        return await failure_of(client)

    shown, fake = ask(tmp_path, Behaviour(), use)
    if target:
        assert re.search(words, shown)
        assert fake.came.total() == 1


async def hear_proxy(seen):
    """A proxy that keeps the first line and the headers of each request, and closes."""

    async def serve(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            seen.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            writer.write(b"HTTP/1.1 502 X\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY", "all_proxy"])
def test_a_proxy_is_used_and_its_password_is_nowhere_else(tmp_path, monkeypatch, variable):
    seen = []

    async def use(client, fake):
        server, port = await hear_proxy(seen)
        monkeypatch.setenv(variable, f"http://me:proxy%2Fsecret@127.0.0.1:{port}")
        async with server:
            words = await failure_of(client)
            monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
            client._senders[0]._client = None
            return words, (await client.ask(request("direct"))).text

    (words, _), fake = ask(tmp_path, Behaviour(), use, max_tries=1)
    assert re.match(r"POST http://127\.0\.0\.1:\d+/v1/chat/completions HTTP/1\.1\r\n", seen[0])
    assert "Proxy-Authorization: Basic bWU6cHJveHkvc2VjcmV0" in seen[0]
    assert "status 502" in words
    assert "secret" not in words
    assert len(seen) == fake.came.total() == 1
    assert "proxy-authorization" not in fake.headers[0]


def test_proxies_are_found_as_other_programs_find_them(monkeypatch):
    assert find_proxy("https://llm.example/v1") is None
    monkeypatch.setenv("ALL_PROXY", "proxy.example:3128")
    monkeypatch.setenv("HTTPS_PROXY", "https://[::1]:8080")
    monkeypatch.setenv("NO_PROXY", ".intern.example")
    assert find_proxy("http://llm.example/v1") == Proxy("http://proxy.example:3128")
    assert find_proxy("https://llm.example/v1") == Proxy("https://[::1]:8080")
    assert find_proxy("https://llm.intern.example/v1") is None
    for address, words in (("socks5://h:1", "SOCKS|socks5"), ("http://[::1", "is not a URL")):
        monkeypatch.setenv("HTTPS_PROXY", address)
        with pytest.raises(InputError, match=rf"HTTPS_PROXY.*({words})"):
            find_server("https://llm.example/v1", None, 5)


def test_netrc_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password netrc-secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("NO_PROXY", "*")

    async def use(client, fake):
        await client.ask(request())
        return fake.headers[0]

    headers, _ = ask(tmp_path, Behaviour(), use)
    assert headers["authorization"] == "bearer unused"
    assert "netrc-secret" not in json.dumps(headers)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux lists its connections there")
def test_connections_do_not_linger(tmp_path):
    async def use(client, fake):
        await asyncio.gather(*(client.ask(request(str(number))) for number in range(50)))
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        # State 6 is TIME_WAIT, at our end of a connection to the server.
        return sum(row[2].endswith(f":{fake.port:04X}") and row[3] == "06" for row in rows)

    left, _ = ask(tmp_path, Behaviour(), use)
    assert left == 0


@pytest.mark.parametrize("name", ["x-hf-warning", "x-error-message", "x-request-id"])
def test_headers_of_a_server_do_not_reach_the_terminal(tmp_path, monkeypatch, capsys, caplog, name):
    monkeypatch.setenv(KEY_VARIABLE, "my-own-secret-key-1234567")
    monkeypatch.setattr(FakeLlm, "more_headers", f"{name}: topic; evil my-own-secret-key-1234567 \x1b[2J\r\n")

    async def use(client, fake):
        await client.ask(request())
        fake.behaviour.status = 404
        return await failure_of(client, "another")

    words, _ = ask(tmp_path, Behaviour(), use)
    for text in (words, caplog.text, *capsys.readouterr()):
        assert "\x1b" not in text
        assert "secret" not in text
