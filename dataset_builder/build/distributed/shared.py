"""State shared by the actors of a cluster: the ledger, the budget and the rate limits, held by one actor.

The other classes replace it in the actors that ask, and pass on the calls of a client.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import ray

from dualview.dataset_builder.llm.budget import Budget, BudgetError
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.messages import LlmFailure, LlmReply, LlmRequest
from dualview.dataset_builder.llm.pacing import RateLimit
from dualview.dataset_builder.llm.setup import LlmRun


class SharedState:
    """The actor; its methods run in one event loop, many at a time.

    :param ledger: its file, on the machine of the actor.
    :param money: the budget, and ``tokens`` that in tokens; None for no limit.
    """

    def __init__(self, ledger: Path, money: float | None, tokens: int | None) -> None:
        self._run = LlmRun.open(ledger, money, tokens)
        self._held: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)

    async def begin(self, actor: str) -> bool:
        """An actor starts, or starts again: what it had set aside when it was lost is free.

        :returns: whether there is a budget.
        """
        for money, tokens in self._held.pop(actor, []):
            await self._run.budget.settle(money, tokens, 0.0, 0)
        return self._run.budget.is_limited

    async def find(self, key: str) -> LlmReply | None:
        """See :meth:`Ledger.find`."""
        return self._run.ledger.find(key)

    async def record_reply(
        self, key: str, request: LlmRequest, model: str, reply: LlmReply, outcome: str
    ) -> None:
        """See :meth:`Ledger.record_reply`."""
        self._run.ledger.record_reply(key, request, model, reply, outcome)

    async def record_failure(self, key: str, request: LlmRequest, model: str, failure: LlmFailure) -> None:
        """See :meth:`Ledger.record_failure`."""
        self._run.ledger.record_failure(key, request, model, failure)

    async def recall(self, name: str) -> str | None:
        """See :meth:`Ledger.recall`."""
        return self._run.ledger.recall(name)

    async def remember(self, name: str, value: str) -> None:
        """See :meth:`Ledger.remember`."""
        self._run.ledger.remember(name, value)

    async def hold(self, actor: str, money: float, tokens: int) -> str:
        """See :meth:`Budget.hold`.

        :returns: why nothing can be set aside; empty if it was.
        """
        try:
            await self._run.budget.hold(money, tokens)
        except BudgetError as error:
            return str(error)
        self._held[actor].append((money, tokens))
        return ""

    async def settle(
        self, actor: str, money: float, tokens: int, used_money: float, used_tokens: int
    ) -> None:
        """See :meth:`Budget.settle`; what an actor set aside before it was lost is settled already."""
        if (money, tokens) in self._held[actor]:
            self._held[actor].remove((money, tokens))
        else:
            money, tokens = 0.0, 0
        await self._run.budget.settle(money, tokens, used_money, used_tokens)

    async def wait(self, server: str, kind: str, per_minute: float, amount: float) -> None:
        """See :meth:`RateLimit.wait`."""
        await self._run.rate_limit(server, kind, per_minute).wait(amount)

    async def give_back(self, server: str, kind: str, per_minute: float, amount: float) -> None:
        """See :meth:`RateLimit.give_back`."""
        self._run.rate_limit(server, kind, per_minute).give_back(amount)

    async def close(self) -> None:
        """Close the ledger."""
        self._run.close()


class SharedLedger(Ledger):
    """The ledger as an actor sees it. A reply is used only when it is written down."""

    def __init__(self, state: Any) -> None:  # noqa: ANN401 - a handle has no type
        self._state = state

    def find(self, key: str) -> LlmReply | None:
        """See :meth:`Ledger.find`."""
        reply: LlmReply | None = ray.get(self._state.find.remote(key))
        return reply

    def record_reply(self, key: str, request: LlmRequest, model: str, reply: LlmReply, outcome: str) -> None:
        """See :meth:`Ledger.record_reply`."""
        ray.get(self._state.record_reply.remote(key, request, model, reply, outcome))

    def record_failure(self, key: str, request: LlmRequest, model: str, failure: LlmFailure) -> None:
        """See :meth:`Ledger.record_failure`."""
        ray.get(self._state.record_failure.remote(key, request, model, failure))

    def recall(self, name: str) -> str | None:
        """See :meth:`Ledger.recall`."""
        value: str | None = ray.get(self._state.recall.remote(name))
        return value

    def remember(self, name: str, value: str) -> None:
        """See :meth:`Ledger.remember`."""
        ray.get(self._state.remember.remote(name, value))


class SharedBudget(Budget):
    """The budget as an actor sees it.

    :param actor: the id of the actor, which stays the same when it is lost and started again.
    """

    def __init__(self, state: Any, actor: str) -> None:  # noqa: ANN401
        self._state, self._actor = state, actor
        self._limited: bool = ray.get(state.begin.remote(actor))

    @property
    def is_limited(self) -> bool:
        """See :attr:`Budget.is_limited`."""
        return self._limited

    async def hold(self, money: float, tokens: int) -> None:
        """See :meth:`Budget.hold`."""
        if self._limited and (refusal := await self._state.hold.remote(self._actor, money, tokens)):
            raise BudgetError(refusal)

    async def settle(self, money: float, tokens: int, used_money: float, used_tokens: int) -> None:
        """See :meth:`Budget.settle`."""
        if self._limited:
            await self._state.settle.remote(self._actor, money, tokens, used_money, used_tokens)


class SharedRate(RateLimit):
    """One rate limit as an actor sees it."""

    def __init__(self, state: Any, server: str, kind: str, per_minute: float) -> None:  # noqa: ANN401
        self._state = state
        self._which = (server, kind, per_minute)

    async def wait(self, amount: float = 1) -> None:
        """See :meth:`RateLimit.wait`."""
        await self._state.wait.remote(*self._which, amount)

    def give_back(self, amount: float) -> None:
        """See :meth:`RateLimit.give_back`."""
        self._state.give_back.remote(*self._which, amount)


class SharedRun(LlmRun):
    """The run that clients open in an actor in place of their own."""

    def __init__(self, state: Any, actor: str) -> None:  # noqa: ANN401
        self._state = state
        self._users = 0
        self.ledger = SharedLedger(state)
        self.budget = SharedBudget(state, actor)

    def rate_limit(self, server: str, kind: str, per_minute: float | None) -> RateLimit:
        """See :meth:`LlmRun.rate_limit`."""
        return SharedRate(self._state, server, kind, per_minute) if per_minute else RateLimit(None)

    def close(self) -> None:
        """Leave the ledger open: it is the other actors' too."""
