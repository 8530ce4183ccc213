"""A language model's server on loopback that knows the labels of candidate sets, and can be told to err."""

from __future__ import annotations

import asyncio
import json
import math
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dualview.dataset_builder.judges.agreement.known_labels import KnownSet

_FENCED = re.compile(r"\[(data-[a-z]{12}) begin ([a-z]+)(?: \d+)?\]\n(.*?)\n\[\1 end\]", re.DOTALL)


@dataclass
class Oracle:
    """The model.

    :param logprobs: whether replies carry logarithms of probabilities; ``refuse`` makes a request for them an
        error.
    :param doubt: the probability it gives to the wrong word.
    :param wrong: share of answers that are wrong, drawn from what is asked.
    :param position_bias: in a list, call the first passage relevant, whatever it is.
    :param says: answer this, whatever is asked.
    :param latency: seconds until an answer.
    :ivar asked: the bodies of all requests.
    """

    known: list[KnownSet]
    logprobs: bool | str = True
    doubt: float = 0.02
    wrong: float = 0.0
    position_bias: bool = False
    says: str | None = None
    status: int = 200
    latency: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._relevant = {
            (view.instruction, _shown(passage.title, passage.text)): place == target
            for found in self.known
            for view, target in zip(found.views, found.targets, strict=True)
            for place, passage in enumerate(view.passages)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method == "GET":
            response = _json({"object": "list", "data": [{"id": "oracle"}]})
        else:
            response = self._answer(await request.json())
            await asyncio.sleep(self.latency)
        await response(scope, receive, send)

    def _answer(self, body: dict[str, Any]) -> Response:
        self.asked.append(body)
        if self.status != 200 or (body.get("logprobs") and self.logprobs == "refuse"):
            return _json({"error": "unsupported parameter"}, self.status if self.status != 200 else 400)
        text = (
            self._say("\n".join(it["content"] for it in body["messages"])) if self.says is None else self.says
        )
        choice: dict[str, Any] = {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": text},
        }
        if body.get("logprobs") and self.logprobs is True:
            choice["logprobs"] = {"content": [self._token(text)]}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return _json(
            {"id": "1", "object": "chat.completion", "created": 1, "model": "oracle", "choices": [choice]}
            | {"usage": usage}
        )

    def _say(self, asked: str) -> str:
        fenced = _FENCED.findall(asked)
        instruction = next((text for _, name, text in fenced if name == "instruction"), None)
        if instruction is None:
            return "I only judge."
        relevant = [self._judge(instruction, text) for _, name, text in fenced if name == "passage"]
        if "numbered passages" not in asked:
            return "Yes" if relevant[0] else "No."
        if self.position_bias:
            relevant[0] = True
        return json.dumps({"relevant": [place for place, found in enumerate(relevant, start=1) if found]})

    def _judge(self, instruction: str, passage: str) -> bool:
        right = self._relevant[instruction, passage]
        return right != (random.Random(instruction + passage).random() < self.wrong)

    def _token(self, text: str) -> dict[str, Any]:
        word, other = text.strip("."), "No" if text.startswith("Y") else "Yes"
        # As tokenizers split them: spellings side by side.
        ways = {word: 0.75 * (1 - self.doubt), f" {word.lower()}": 0.25 * (1 - self.doubt), other: self.doubt}
        alternatives = [{"token": token, "logprob": math.log(p)} for token, p in ways.items() if p]
        return {"token": word, "logprob": alternatives[0]["logprob"], "top_logprobs": alternatives}


@contextmanager
def serving(oracle: Oracle) -> Iterator[Oracle]:
    """Serve in a thread, under ``oracle.url``."""
    server = uvicorn.Server(uvicorn.Config(oracle, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    oracle.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1"
    try:
        yield oracle
    finally:
        server.should_exit = True
        thread.join()


def _shown(title: str, text: str) -> str:
    return f"{title}\n\n{text}" if title else text


def _json(value: object, status: int = 200) -> Response:
    # In ASCII: a model may say half of a surrogate pair.
    return Response(json.dumps(value), status, media_type="application/json")
