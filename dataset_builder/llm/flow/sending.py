"""Sends a request once to one server: within its rates, through the connections, and back."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from dualview.dataset_builder.llm.budget import Price, estimate_tokens
from dualview.dataset_builder.llm.connection import Server, open_client
from dualview.dataset_builder.llm.dialects import schema_arguments
from dualview.dataset_builder.llm.failures import Failure, explain_failure
from dualview.dataset_builder.llm.flow.breaker import Breaker
from dualview.dataset_builder.llm.flow.slots import Slots
from dualview.dataset_builder.llm.flow.turns import Turns
from dualview.dataset_builder.llm.messages import LlmReply, LlmRequest
from dualview.dataset_builder.llm.pacing import RateLimit
from dualview.dataset_builder.llm.replies.completion import read_completion
from dualview.dataset_builder.llm.stopping import ServerWatch
from dualview.dataset_builder.llm.wire.chat import ChatClient


@dataclass(frozen=True)
class Limits:
    """Limits of a client on each of its servers.

    :param concurrency: requests in flight, at most.
    :param requests: their rate, and ``tokens`` that of the tokens of prompts and replies; None for no limit.
    :param breaker: its settings and state; None for the usual ones.
    """

    concurrency: int = 32
    requests: RateLimit | None = None
    tokens: RateLimit | None = None
    breaker: Breaker | None = None


class Sender:
    """Sends requests to one model on one server.

    :param dialect: form of the schema for this server, see :mod:`dualview.dataset_builder.llm.dialects`.
    :ivar breaker: is open while the server does not answer.
    :ivar slots: the requests in flight.
    :ivar watch: recognises a server that no request can succeed on.
    """

    def __init__(
        self,
        server: Server,
        model: str,
        dialect: str,
        limits: Limits,
        price: Price | None,
    ) -> None:
        self.server = server
        self.model = model
        self.dialect = dialect
        self.breaker = limits.breaker or Breaker(f"the server {server.name}")
        self.slots = Slots(f"the server {server.name}", limits.concurrency, server.timeout)
        self.watch = ServerWatch(server.name, self.breaker.patience)
        self._turns = Turns(server.timeout, self.slots.halve)
        self._requests = limits.requests or RateLimit(None)
        self._tokens = limits.tokens or RateLimit(None)
        self._price = price
        self._client: ChatClient | None = None

    async def send(self, request: LlmRequest) -> LlmReply | Failure:
        """Send a request once; it has a slot already."""
        guess = estimate_tokens(request) + request.max_tokens
        await self._requests.wait()
        await self._tokens.wait(guess)
        outcome = await self._exchange(request)
        if isinstance(outcome, Failure):
            if outcome.reason != "timeout":
                self._tokens.give_back(guess - outcome.prompt_tokens - outcome.completion_tokens)
            return outcome
        self._tokens.give_back(guess - outcome.prompt_tokens - outcome.completion_tokens)
        if self._price is None:
            return outcome
        return replace(outcome, cost=self._price.of(outcome.prompt_tokens, outcome.completion_tokens))

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def _exchange(self, request: LlmRequest) -> LlmReply | Failure:
        # How long a request may take depends on the others: `Turns` sees to it, not the connection.
        self._client = self._client or open_client(self.server, is_timed=False)
        started = time.monotonic()
        try:
            completion = await self._turns.wait_for(
                self._client.complete(
                    messages=[{"role": role, "content": text} for role, text in request.messages],
                    model=self.model,
                    max_tokens=request.max_tokens,
                    temperature=request.temperature,
                    seed=request.seed,
                    logprobs=True if request.top_logprobs else None,
                    top_logprobs=request.top_logprobs or None,
                    **schema_arguments(self.dialect, request.schema),
                )
            )
            return read_completion(completion, request, time.monotonic() - started, self.server)
        except Exception as error:  # the client lets through whatever a strange body does to it
            return explain_failure(error, self.server)
