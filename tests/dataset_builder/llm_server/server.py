"""A language model's server on loopback, with faults: for tests, and for ``benchmarks/endpoint.py``.

It speaks as much of OpenAI's protocol as the writer uses. The request alone determines the answer; the
request and the number of times it came determine whether there is one. ``GET /counts`` lists how often each
request came and was answered.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar

from tests.dataset_builder.llm_server import replies
from tests.dataset_builder.llm_server.behaviour import Behaviour
from tests.dataset_builder.llm_server.faults import send_fault, send_json
from tests.dataset_builder.llm_server.forms import make_message

#: What a server says that answers everything with one status.
AS_TOLD = {"error": "as I was told"}


@dataclass
class FakeLlm:
    """The server; ``start`` it inside an event loop."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    came: Counter = field(default_factory=Counter)
    answered: Counter = field(default_factory=Counter)
    bodies: list[dict] = field(default_factory=list)
    headers: list[dict] = field(default_factory=list)
    keep_bodies: bool = True
    port: int = 0
    #: Further lines for the head of each answer.
    more_headers: ClassVar[str] = ""
    in_flight: int = 0
    most_in_flight: int = 0

    async def start(self, port: int = 0) -> int:
        """Listen on loopback.

        :returns: the port.
        """
        self._stopped = asyncio.Event()
        self._ready = time.monotonic() + self.behaviour.loading
        self._serving: set[asyncio.Task] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=2**22, backlog=2048)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

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
            send_json(
                writer, 200, {"came": self.came, "answered": self.answered, "most": self.most_in_flight}
            )
            return True
        if how.key is not None and headers.get("authorization") != f"bearer {how.key}".lower():
            send_json(writer, 401, {"error": f"wrong key in {headers.get('authorization')}"})
            return True
        if time.monotonic() < self._ready:
            send_json(writer, 503, {"error": {"message": "Loading model"}})
            return True
        if path == "/props":
            send_json(writer, 404 if how.slots is None else 200, {"total_slots": how.slots})
            return True
        if method == "GET":
            send_json(writer, 200, {"object": "list", "data": [{"id": name} for name in how.models]})
            return True
        request = json.loads(body)
        if not request["messages"]:
            send_json(writer, 400, {"error": "empty input messages"})
            return True
        if self.keep_bodies:
            self.bodies.append(request)
            self.headers.append(headers)
        name = replies.request_id(request["messages"])
        self.came[name] += 1
        chance = random.Random(f"{name} {self.came[name]}")
        await asyncio.sleep(max(0.0, how.latency + chance.uniform(-how.jitter, how.jitter)))
        if how.redirect is not None and "followed" not in path:
            send_json(writer, 307, {}, f"location: {how.redirect}\r\n")
            return True
        if how.work:
            await self._work(how.work, writer)
        if how.status is not None:
            told = {**AS_TOLD, "echo": headers.get("authorization")}
            send_json(writer, how.status, told, self.more_headers)
            return True
        dialect, schema = _find_schema(request)
        if dialect in how.refuses:
            send_json(writer, 500, {"error": f"cannot do {dialect}"})
            return True
        if how.fails:
            return await send_fault(how.fails.pop(0), writer, self._stopped, how.retry_after)
        if chance.random() < how.faults:
            return await send_fault(chance.choice(how.kinds), writer, self._stopped, how.retry_after)
        text, finish = how.says.pop(0) if how.says else replies.answer(request["messages"], how.bad)
        word = ((schema or {}).get("properties", {}).get("word", {}).get("enum") or [None])[0]
        if word is not None:
            text = json.dumps({"word": word}) if dialect in how.enforces else "I would rather talk."
        self.answered[name] += 1
        completion = _completion(request, text, finish, how.usage)
        form = chance.choice(how.forms)
        if form != "text":
            completion["choices"][0]["message"] = make_message(form, text)
        echo = f"x-request-id: {headers['x-request-id']}\r\n" if "x-request-id" in headers else ""
        send_json(writer, 200, completion, self.more_headers or echo)
        if chance.random() < how.twice:
            await writer.drain()
            await asyncio.sleep(how.later)
            send_json(writer, 200, completion)
        return True

    async def _work(self, seconds: float, writer: asyncio.StreamWriter) -> None:
        done = 0.0
        while done < seconds and not writer.is_closing():
            await asyncio.sleep(0.01)
            done += 0.01 / self.in_flight


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


def _completion(request: dict, text: str, finish: str, usage: bool | dict) -> dict:
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
        counted = tokens | {"total_tokens": sum(tokens.values())}
        completion["usage"] = usage if isinstance(usage, dict) else counted
    if request.get("logprobs"):
        first = {"token": text[:3], "logprob": -0.1, "top_logprobs": [{"token": "yes", "logprob": -0.1}]}
        completion["choices"][0]["logprobs"] = {"content": [first]}
    return completion
