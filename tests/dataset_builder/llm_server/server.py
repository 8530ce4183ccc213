"""A language model's server on loopback, with faults: for tests, and for ``benchmarks/endpoint.py``.

It speaks as much of OpenAI's protocol as the writer uses. What it answers is told by the request alone;
whether it answers at all, by the request and by how often it came. ``GET /counts`` says how often each
request came and was answered.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.dataset_builder.llm_server import replies

FAULTS = ("429", "500", "503", "hang", "cut", "cut_in_body", "broken_json", "no_choices")


@dataclass
class Behaviour:
    """How a server behaves.

    :param latency: seconds until a reply, give or take ``jitter``.
    :param faults: share of the requests that are not answered, by one of ``kinds``.
    :param bad: share of the answers that are no use.
    :param enforces: dialects in which it obeys a schema; the others it ignores.
    :param refuses: dialects that are an error for it.
    :param key: the API key it wants; None for any.
    :param status: answers everything with it.
    :param fails: kinds of fault with which the first requests end, in order.
    :param says: texts to answer with, in order, and their finish reasons; after them, what it says otherwise.
    :param retry_after: what it sends with status 429.
    :param usage: whether it counts tokens.
    """

    latency: float = 0.0
    jitter: float = 0.0
    faults: float = 0.0
    kinds: tuple[str, ...] = FAULTS
    bad: float = 0.0
    enforces: tuple[str, ...] = ("openai",)
    refuses: tuple[str, ...] = ()
    key: str | None = None
    status: int | None = None
    fails: list[str] = field(default_factory=list)
    says: list[tuple[str, str]] = field(default_factory=list)
    retry_after: str = "0"
    usage: bool = True
    models: tuple[str, ...] = ("fake-model",)


@dataclass
class FakeLlm:
    """The server; ``start`` it inside an event loop."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    came: Counter = field(default_factory=Counter)
    answered: Counter = field(default_factory=Counter)
    bodies: list[dict] = field(default_factory=list)
    headers: list[dict] = field(default_factory=list)
    keep_bodies: bool = True
    in_flight: int = 0
    most_in_flight: int = 0

    async def start(self, port: int = 0) -> int:
        """Listen on loopback.

        :returns: the port.
        """
        self._stopped = asyncio.Event()
        self._serving: set[asyncio.Task] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=2**22, backlog=2048)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, and cut all connections."""
        self._stopped.set()
        self._server.close()
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._serving.add(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, path, _ = head[0].split(" ")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    if not await self._respond(method, path, headers, body, writer):
                        return
                finally:
                    self.in_flight -= 1
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            self._serving.discard(task)
            writer.close()

    async def _respond(
        self, method: str, path: str, headers: dict, body: bytes, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; False if the connection is to be cut."""
        how = self.behaviour
        if path == "/counts":
            _send(writer, 200, {"came": self.came, "answered": self.answered, "most": self.most_in_flight})
            return True
        if how.key is not None and headers.get("authorization") != f"bearer {how.key}".lower():
            _send(writer, 401, {"error": f"wrong key in {headers.get('authorization')}"})
            return True
        if method == "GET":
            _send(writer, 200, {"object": "list", "data": [{"id": name} for name in how.models]})
            return True
        request = json.loads(body)
        if self.keep_bodies:
            self.bodies.append(request)
            self.headers.append(headers)
        name = replies.request_id(request["messages"])
        self.came[name] += 1
        chance = random.Random(f"{name} {self.came[name]}")
        await asyncio.sleep(max(0.0, how.latency + chance.uniform(-how.jitter, how.jitter)))
        if how.status is not None:
            _send(writer, how.status, {"error": "as I was told", "echo": headers.get("authorization")})
            return True
        dialect, schema = _find_schema(request)
        if dialect in how.refuses:
            _send(writer, 500, {"error": f"cannot do {dialect}"})
            return True
        if how.fails:
            return await self._fail(how.fails.pop(0), writer)
        if chance.random() < how.faults:
            return await self._fail(chance.choice(how.kinds), writer)
        text, finish = how.says.pop(0) if how.says else replies.answer(request["messages"], how.bad)
        word = ((schema or {}).get("properties", {}).get("word", {}).get("enum") or [None])[0]
        if word is not None:
            text = json.dumps({"word": word}) if dialect in how.enforces else "I would rather talk."
        self.answered[name] += 1
        _send(writer, 200, _completion(request, text, finish, how.usage))
        return True

    async def _fail(self, kind: str, writer: asyncio.StreamWriter) -> bool:
        if kind == "429":
            _send(writer, 429, {"error": "too fast"}, f"retry-after: {self.behaviour.retry_after}\r\n")
        elif kind in ("500", "503"):
            _send(writer, int(kind), {"error": "I fell over"})
        elif kind == "hang":
            await self._stopped.wait()
            return False
        elif kind == "cut":
            return False
        elif kind == "cut_in_body":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{")
            await writer.drain()
            return False
        elif kind == "broken_json":
            _send_bytes(writer, 200, b'{"choices": [{"mess')
        elif kind == "no_choices":
            _send(writer, 200, {"object": "chat.completion", "choices": []})
        return True


def _find_schema(request: dict) -> tuple[str | None, dict | None]:
    """In which dialect a request names a schema, and the schema."""
    if "structured_outputs" in request:
        return "vllm", request["structured_outputs"]["json"]
    wanted = request.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        return "openai", wanted["json_schema"]["schema"]
    if "value" in wanted:
        return "tgi", wanted["value"]
    return ("llamacpp", wanted["schema"]) if "schema" in wanted else (None, None)


def _completion(request: dict, text: str, finish: str, usage: bool) -> dict:
    prompt_tokens = sum(len(message["content"]) for message in request["messages"]) // 4
    completion = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": request["model"],
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
    }
    if usage:
        tokens = {"prompt_tokens": prompt_tokens, "completion_tokens": len(text) // 4 + 1}
        completion["usage"] = tokens | {"total_tokens": sum(tokens.values())}
    if request.get("logprobs"):
        first = {"token": text[:3], "logprob": -0.1, "top_logprobs": [{"token": "yes", "logprob": -0.1}]}
        completion["choices"][0]["logprobs"] = {"content": [first]}
    return completion


def _send(writer: asyncio.StreamWriter, status: int, value: object, headers: str = "") -> None:
    _send_bytes(writer, status, json.dumps(value).encode(), headers)


def _send_bytes(writer: asyncio.StreamWriter, status: int, body: bytes, headers: str = "") -> None:
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    writer.write(f"{head}{headers}\r\n".encode() + body)
