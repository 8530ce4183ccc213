"""Asks a language model: every request goes through the ledger, the limits and the retries, in this order.

Writers and judges share it. A judge with another model makes another client, which may use the same ledger.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from dualview.dataset_builder.llm.budget import Budget, Price, estimate_tokens
from dualview.dataset_builder.llm.connection import Server
from dualview.dataset_builder.llm.flow.breaker import Breaker
from dualview.dataset_builder.llm.flow.pool import Pool
from dualview.dataset_builder.llm.flow.sending import Limits, Sender
from dualview.dataset_builder.llm.flow.tries import Dialogue, RequestFailedError, Tries, Used
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.messages import LlmFailure, LlmReply, LlmRequest
from dualview.dataset_builder.llm.pacing import Backoff, RateLimit
from dualview.dataset_builder.llm.stopping import Together

#: Names the outcome of a reply, for the ledger and the report.
Label = Callable[[LlmReply], str]


class NotAskedError(Exception):
    """The ledger has no reply, and the client may not ask."""


class LlmClient:
    """One model on one server or several, with a ledger. Any number of tasks may ask at once.

    :param model: its name, as the servers know it.
    :param dialect: form of the schema for this server, see :mod:`dualview.dataset_builder.llm.dialects`.
    :param concurrency: requests in flight, at most; with ``requests``, ``tokens`` and ``breaker`` as in
        :class:`Limits`.
    :param others: further servers with the same model, each with its dialect and limits.
    :param max_tries: as in :class:`Tries`.
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
        breaker: Breaker | None = None,
        others: Sequence[tuple[Server, str, Limits]] = (),
        max_tries: int = 8,
        price: Price | None = None,
        budget: Budget | None = None,
        backoff: Backoff | None = None,
        ledger_only: bool = False,
    ) -> None:
        self.model = model
        self.ledger = ledger
        servers = [(server, dialect, Limits(concurrency, requests, tokens, breaker)), *others]
        self._senders = [Sender(of, model, form, limits, price) for of, form, limits in servers]
        self._tries = Tries(Pool(self._senders), max_tries, backoff or Backoff())
        self._price = price
        self._budget = budget or Budget()
        self._ledger_only = ledger_only
        self._asking: dict[str, asyncio.Future[LlmReply]] = {}
        self._together = Together()
        self._used: Counter[str] = Counter()

    async def ask(
        self, request: LlmRequest, label: Label | None = None, dialogue: Dialogue | None = None
    ) -> LlmReply:
        """Find the reply to a request: in the ledger where it has one, else from the server.

        Two tasks with the same request share one reply.

        :param label: names the outcome that the ledger keeps beside the reply; ``replied`` without it.
        :param dialogue: what the request belongs to: one that follows another goes before all that wait.
        :raises RequestFailedError: if this request got no answer.
        :raises NotAskedError: if the ledger has none and only it may be used.
        :raises InputError: if no request will get a reply: the server is gone, refuses the key, or the budget
            is spent; or if the ledger cannot be read or written. All other requests stop as well.
        """
        with self._together.joined():
            reply = await self._find_or_ask(request, label, dialogue)
        self._used.update(
            requests=1, prompt_tokens=reply.prompt_tokens, completion_tokens=reply.completion_tokens
        )
        return reply

    @property
    def server(self) -> str:
        """The server or servers as messages name them."""
        return ", ".join(sender.server.name for sender in self._senders)

    @property
    def concurrency(self) -> int:
        """Requests in flight on all servers together, at most."""
        return sum(sender.slots.most for sender in self._senders)

    @property
    def dialect(self) -> str:
        """The form in which the first server is told a schema."""
        return self._senders[0].dialect

    def tally(self) -> Counter[str]:
        """Counts for :meth:`used` so far."""
        return self._used.copy()

    def add_tally(self, tally: Counter[str]) -> None:
        """Add the counts of another client of the same model."""
        self._used.update(tally)

    def used(self) -> dict[str, Any]:
        """Requests, tokens and cost of the replies that were handed out, from the ledger or the server."""
        tokens = self._used["prompt_tokens"], self._used["completion_tokens"]
        return {
            "requests": self._used["requests"],
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "cost": self._cost(*tokens),
        }

    async def close(self) -> None:
        """Close the connections; the ledger stays open."""
        for sender in self._senders:
            await sender.close()

    async def _find_or_ask(
        self, request: LlmRequest, label: Label | None, dialogue: Dialogue | None
    ) -> LlmReply:
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
            reply = await self._ask_within_budget(key, request, label, dialogue)
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

    async def _ask_within_budget(
        self, key: str, request: LlmRequest, label: Label | None, dialogue: Dialogue | None
    ) -> LlmReply:
        prompt_tokens = estimate_tokens(request)
        longest = self._cost(prompt_tokens, request.max_tokens) or 0.0
        held = (longest, prompt_tokens + request.max_tokens)
        await self._budget.hold(*held)
        used = Used()
        try:
            reply = await self._tries.until_answered(request, used, dialogue)
            self.ledger.record_reply(key, request, self.model, reply, label(reply) if label else "replied")
            return reply
        except RequestFailedError as error:
            self._record_failure(key, request, error, used)
            raise
        finally:
            cost = self._cost(used.prompt_tokens, used.completion_tokens) or 0.0
            await self._budget.settle(*held, cost, used.prompt_tokens + used.completion_tokens)

    def _record_failure(self, key: str, request: LlmRequest, error: RequestFailedError, used: Used) -> None:
        cost = self._cost(used.prompt_tokens, used.completion_tokens)
        failure = LlmFailure(
            error.reason, str(error), error.tries, used.prompt_tokens, used.completion_tokens, cost
        )
        self.ledger.record_failure(key, request, self.model, failure)

    def _cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        return None if self._price is None else self._price.of(prompt_tokens, completion_tokens)
