"""Sends a request once: within the limits, through the connections, and back as a reply or a failure."""

from __future__ import annotations

import time
from dataclasses import replace

from dualview.dataset_builder.llm.budget import Price, estimate_tokens
from dualview.dataset_builder.llm.connection import Server, open_client
from dualview.dataset_builder.llm.dialects import schema_arguments
from dualview.dataset_builder.llm.failures import Failure, explain_failure
from dualview.dataset_builder.llm.messages import LlmReply, LlmRequest
from dualview.dataset_builder.llm.pacing import Breaker, RateLimit
from dualview.dataset_builder.llm.replies.completion import read_completion
from dualview.dataset_builder.llm.slots import Slots
from dualview.dataset_builder.llm.wire.chat import ChatClient


class Sender:
    """Sends requests to one model on one server.

    :param dialect: form of the schema for this server, see :mod:`dualview.dataset_builder.llm.dialects`.
    :param concurrency: requests in flight, at most.
    :param requests: their rate, and ``tokens`` that of the tokens of prompts and replies.
    :ivar breaker: holds all requests back while the server does not answer.
    """

    def __init__(
        self,
        server: Server,
        model: str,
        dialect: str,
        concurrency: int,
        requests: RateLimit,
        tokens: RateLimit,
        price: Price | None,
        breaker: Breaker,
    ) -> None:
        self.server = server
        self.model = model
        self.dialect = dialect
        self.breaker = breaker
        self._slots = Slots(f"the server {server.name}", concurrency, server.timeout)
        self._requests = requests
        self._tokens = tokens
        self._price = price
        self._client: ChatClient | None = None

    async def send(self, request: LlmRequest) -> LlmReply | Failure:
        """Send a request once, when its turn has come.

        :raises InputError: if the server has not answered for the whole patience.
        """
        alone, sent_in = await self._take_slot()
        try:
            guess = estimate_tokens(request) + request.max_tokens
            await self._requests.wait()
            await self._tokens.wait(guess)
            outcome = await self._exchange(request)
            if not isinstance(outcome, Failure):
                self._slots.answered()
            elif outcome.reason == "timeout" and not alone:
                self._slots.timed_out(sent_in)
        finally:
            self._slots.give_back()
        if isinstance(outcome, Failure):
            if outcome.reason != "timeout":
                self._tokens.give_back(guess - outcome.prompt_tokens - outcome.completion_tokens)
            return outcome
        self._tokens.give_back(guess - outcome.prompt_tokens - outcome.completion_tokens)
        return replace(outcome, cost=self.cost(outcome.prompt_tokens, outcome.completion_tokens))

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """The price of so many tokens; None where no price is known."""
        return None if self._price is None else self._price.of(prompt_tokens, completion_tokens)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def _take_slot(self) -> tuple[bool, int]:
        """Wait for the breaker and a slot; true for a request that tries alone whether the server answers."""
        while True:
            alone = await self.breaker.wait()
            sent_in = await self._slots.take()
            if alone or not self.breaker.is_open:
                return alone, sent_in
            self._slots.give_back()

    async def _exchange(self, request: LlmRequest) -> LlmReply | Failure:
        self._client = self._client or open_client(self.server)
        started = time.monotonic()
        try:
            completion = await self._client.complete(
                messages=[{"role": role, "content": text} for role, text in request.messages],
                model=self.model,
                max_tokens=request.max_tokens,
                temperature=request.temperature,
                seed=request.seed,
                logprobs=True if request.top_logprobs else None,
                top_logprobs=request.top_logprobs or None,
                **schema_arguments(self.dialect, request.schema),
            )
            return read_completion(completion, request, time.monotonic() - started, self.server)
        except Exception as error:  # the client lets through whatever a strange body does to it
            return explain_failure(error, self.server)
