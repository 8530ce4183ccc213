"""Asks a language model: every request goes through the ledger, the limits and the retries, in this order.

Writers and judges share it. A judge with another model makes another client, which may use the same ledger.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from huggingface_hub import AsyncInferenceClient

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.budget import Budget, Price, estimate_tokens
from dualview.dataset_builder.llm.connection import Server, open_client
from dualview.dataset_builder.llm.dialects import schema_arguments
from dualview.dataset_builder.llm.failures import Failure, explain_failure
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.messages import LlmReply, LlmRequest
from dualview.dataset_builder.llm.pacing import Backoff, Breaker, RateLimit
from dualview.dataset_builder.llm.reading import read_completion

#: Names the outcome of a reply, for the ledger and the report.
Label = Callable[[LlmReply], str]


class RequestFailedError(Exception):
    """A request that got no reply: the server refused it, or failed on every try.

    It is asked again the next time.

    :ivar reason: one word in snake case, see :class:`Failure`.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.reason = failure.reason


class NotAskedError(Exception):
    """The ledger has no reply, and the client may not ask."""


class LlmClient:
    """One model on one server, with a ledger. Any number of tasks may ask at once.

    :param model: its name, as the server knows it.
    :param dialect: how the server is told a schema, see :mod:`dualview.dataset_builder.llm.dialects`.
    :param concurrency: requests in flight, at most.
    :param requests: their rate, and ``tokens`` that of the tokens of prompts and replies; None for no limit.
    :param max_tries: how often a request is sent before it counts as failed. Tries that the breaker holds
        back do not count.
    :param ledger_only: answer from the ledger, and ask nothing.
    """

    def __init__(
        self,
        server: Server,
        model: str,
        ledger: Ledger,
        dialect: str,
        *,
        concurrency: int = 32,
        requests: RateLimit | None = None,
        tokens: RateLimit | None = None,
        max_tries: int = 8,
        price: Price | None = None,
        budget: Budget | None = None,
        backoff: Backoff | None = None,
        breaker: Breaker | None = None,
        ledger_only: bool = False,
    ) -> None:
        self.model = model
        self.ledger = ledger
        self._server = server
        self._dialect = dialect
        self._client: AsyncInferenceClient | None = None
        self._slots = asyncio.Semaphore(concurrency)
        self._requests = requests or RateLimit(None)
        self._tokens = tokens or RateLimit(None)
        self._max_tries = max_tries
        self._price = price
        self._budget = budget or Budget()
        self._backoff = backoff or Backoff()
        self._breaker = breaker or Breaker(f"the server {server.name}")
        self._ledger_only = ledger_only
        self._asking: dict[str, asyncio.Future[LlmReply]] = {}
        self._refused_in_a_row = 0
        self._answered = 0
        self._used: Counter[str] = Counter()

    async def ask(self, request: LlmRequest, label: Label | None = None) -> LlmReply:
        """The reply to a request: from the ledger where it has one, else from the server.

        Two tasks with the same request share one reply.

        :param label: names the outcome that the ledger keeps beside the reply; ``replied`` without it.
        :raises RequestFailedError: if this request got no reply.
        :raises NotAskedError: if the ledger has none and only it may be used.
        :raises InputError: if no request will get a reply: the server is gone, refuses the key, or the budget
            is spent.
        """
        reply = await self._find_or_ask(request, label)
        self._used.update(
            requests=1, prompt_tokens=reply.prompt_tokens, completion_tokens=reply.completion_tokens
        )
        return reply

    @property
    def server(self) -> str:
        """The server as messages name it."""
        return self._server.name

    def tally(self) -> Counter[str]:
        """What has been counted for :meth:`used` so far."""
        return self._used.copy()

    def add_tally(self, tally: Counter[str]) -> None:
        """Count what another client of the same model has handed out."""
        self._used.update(tally)

    def used(self) -> dict[str, Any]:
        """What the replies that were handed out have used, wherever they came from."""
        tokens = self._used["prompt_tokens"], self._used["completion_tokens"]
        return {
            "requests": self._used["requests"],
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "cost": self._cost(*tokens),
        }

    async def close(self) -> None:
        """Close the connections; the ledger stays open."""
        if self._client is not None:
            await self._client.close()

    async def _find_or_ask(self, request: LlmRequest, label: Label | None) -> LlmReply:
        key = request.key(self.model)
        reply = self.ledger.find(key)
        if reply is not None:
            return reply
        if self._ledger_only:
            raise NotAskedError(request.subject)
        asked = self._asking.get(key)
        if asked is not None:
            return await asyncio.shield(asked)
        future: asyncio.Future[LlmReply] = asyncio.get_running_loop().create_future()
        self._asking[key] = future
        try:
            reply = await self._ask_within_budget(key, request, label)
            future.set_result(reply)
            return reply
        except BaseException as error:
            if isinstance(error, Exception):
                future.set_exception(error)
                future.exception()  # it is raised below; those who share it, if any, get it too
            else:
                future.cancel()
            raise
        finally:
            del self._asking[key]

    async def _ask_within_budget(self, key: str, request: LlmRequest, label: Label | None) -> LlmReply:
        prompt_tokens = estimate_tokens(request)
        held = (self._cost(prompt_tokens, request.max_tokens) or 0.0, prompt_tokens + request.max_tokens)
        await self._budget.hold(*held)
        used = (0.0, 0)
        try:
            reply = await self._try(key, request)
            used = (reply.cost or 0.0, reply.prompt_tokens + reply.completion_tokens)
            self.ledger.record_reply(key, request, self.model, reply, label(reply) if label else "replied")
            return reply
        finally:
            await self._budget.settle(*held, *used)

    async def _try(self, key: str, request: LlmRequest) -> LlmReply:
        tries = 0
        while True:
            sent = await self._send(request)
            tries += 1
            if isinstance(sent, LlmReply):
                self._answered += 1
                self._breaker.succeeded()
                return replace(sent, attempts=tries)
            self._stop_if_hopeless(sent)
            if sent.remedy == "again":
                self._breaker.failed(sent)
                if self._breaker.is_open:
                    tries -= 1
                    continue
            if sent.remedy == "refused" or tries >= self._max_tries:
                self.ledger.record_failure(key, request, self.model, sent.reason, tries)
                raise RequestFailedError(sent)
            await asyncio.sleep(self._backoff.seconds(tries, sent.retry_after))

    async def _send(self, request: LlmRequest) -> LlmReply | Failure:
        guess = estimate_tokens(request) + request.max_tokens
        async with self._slots:
            await self._breaker.wait()
            await self._requests.wait()
            await self._tokens.wait(guess)
            self._client = self._client or open_client(self._server)
            started = time.monotonic()
            try:
                completion = await self._client.chat_completion(
                    messages=[{"role": role, "content": text} for role, text in request.messages],
                    model=self.model,
                    max_tokens=request.max_tokens,
                    temperature=request.temperature,
                    seed=request.seed,
                    logprobs=True if request.top_logprobs else None,
                    top_logprobs=request.top_logprobs or None,
                    **schema_arguments(self._dialect, request.schema),
                )
                reply = read_completion(completion, request, time.monotonic() - started, self._server)
            except Exception as error:  # the client lets through whatever a strange body does to it
                failure = explain_failure(error, self._server)
                if failure.reason != "timeout":
                    self._tokens.give_back(guess)
                return failure
        self._tokens.give_back(guess - reply.prompt_tokens - reply.completion_tokens)
        return replace(reply, cost=self._cost(reply.prompt_tokens, reply.completion_tokens))

    def _cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        return None if self._price is None else self._price.of(prompt_tokens, completion_tokens)

    def _stop_if_hopeless(self, failure: Failure) -> None:
        if failure.remedy == "stop":
            raise InputError(f"the server {self._server.name} cannot be used: {failure.detail}")
        if (failure.retry_after or 0) > self._breaker.patience:
            raise InputError(
                f"the server {self.server} asks to wait {failure.retry_after:.0f} s ({failure.detail}). "
                "What was answered is kept: give the same command then, or raise --patience"
            )
        # A server that takes none of the first requests takes none of the rest.
        self._refused_in_a_row = self._refused_in_a_row + 1 if failure.remedy == "refused" else 0
        if not self._answered and self._refused_in_a_row >= 5:
            raise InputError(f"the server {self._server.name} refuses every request: {failure.detail}")
