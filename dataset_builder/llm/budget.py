"""Prices of requests, and a budget that is not exceeded."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.yaml_reader import read_yaml
from dualview.dataset_builder.llm.messages import LlmRequest

# English has four characters a token, other scripts down to one or two: rather too many than too few.
_BYTES_A_TOKEN = 3
_TOKENS_A_MESSAGE = 8


@dataclass(frozen=True)
class Price:
    """Prices of a model, in any one currency, for a million tokens of prompt and of reply."""

    prompt: float
    reply: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The cost of a request."""
        return (prompt_tokens * self.prompt + completion_tokens * self.reply) / 1e6


def read_price(given: str, model: str) -> Price | None:
    """The price of a model: ``PROMPT/REPLY`` such as ``0.15/0.60``, or from a table.

    :param given: a price, or the path of a YAML file ``MODEL: {prompt: 0.15, reply: 0.60}``.
    :returns: None where the table has no line for the model.
    :raises InputError: if it is neither, or a price is no number.
    """
    prompt, slash, reply = given.partition("/")
    try:
        if slash:
            return _price(prompt, reply)
    except ValueError:
        pass
    path = Path(given)
    try:
        table = read_yaml(path)
    except InputError as error:
        raise InputError(
            f"--prices {given}: is neither PROMPT/REPLY for a million tokens, such as 0.15/0.60, nor a YAML "
            "file of prices that can be read"
        ) from error
    line = table.get(model) if isinstance(table, Mapping) else None
    if line is None:
        return None
    try:
        return _price(line["prompt"], line["reply"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: write the line of {model} as {{prompt: 0.15, reply: 0.60}}") from error


def estimate_tokens(request: LlmRequest) -> int:
    """Tokens of a request's prompt, rather too many than too few."""
    size = sum(len(text.encode("utf-8", "replace")) for _, text in request.messages)
    return math.ceil(size / _BYTES_A_TOKEN) + _TOKENS_A_MESSAGE * len(request.messages)


class BudgetError(InputError):
    """The budget does not allow one more request."""


class Budget:
    """Lets a request out only if its longest possible reply still fits, beside all that wait for theirs.

    What a server charges for a try that timed out cannot be known, and is not counted.

    :param money: in the currency of the prices; None for no limit.
    :param tokens: of prompts and replies together; None for no limit.
    :param spent_money: what was spent before, on the same ledger.
    """

    def __init__(
        self,
        money: float | None = None,
        tokens: int | None = None,
        spent_money: float = 0.0,
        spent_tokens: int = 0,
    ) -> None:
        self._money, self._tokens = money, tokens
        self.spent_money, self.spent_tokens = spent_money, spent_tokens
        self._held_money, self._held_tokens = 0.0, 0
        self._freed = asyncio.Condition()

    @property
    def is_limited(self) -> bool:
        """True if there is a limit."""
        return self._money is not None or self._tokens is not None

    async def hold(self, money: float, tokens: int) -> None:
        """Set aside what a request may use at most, waiting for others to give back what they do not need.

        :raises BudgetError: if it does not fit although nothing is set aside any more.
        """
        if not self.is_limited:
            return
        async with self._freed:
            while not self._fits(money, tokens):
                if not self._held_tokens:
                    raise BudgetError(self._message())
                await self._freed.wait()
            self._held_money += money
            self._held_tokens += tokens

    async def settle(self, money: float, tokens: int, used_money: float, used_tokens: int) -> None:
        """Give back what was set aside, and count what was used."""
        self.spent_money += used_money
        self.spent_tokens += used_tokens
        if not self.is_limited:
            return
        async with self._freed:
            self._held_money -= money
            self._held_tokens -= tokens
            self._freed.notify_all()

    def _fits(self, money: float, tokens: int) -> bool:
        if self._money is not None and self.spent_money + self._held_money + money > self._money:
            return False
        return self._tokens is None or self.spent_tokens + self._held_tokens + tokens <= self._tokens

    def _message(self) -> str:
        limits = []
        if self._money is not None:
            limits.append(f"{self.spent_money:.4f} of {self._money:g} in money")
        if self._tokens is not None:
            limits.append(f"{self.spent_tokens:,} of {self._tokens:,} tokens")
        return (
            f"the budget does not allow one more request ({', '.join(limits)} spent). What was answered is "
            "kept: raise the budget to go on, or add --ledger-only to build from what there is"
        )


def _price(prompt: object, reply: object) -> Price:
    price = Price(float(str(prompt)), float(str(reply)))
    if not (0 <= price.prompt < math.inf and 0 <= price.reply < math.inf):
        raise ValueError("a price is a number, not negative")
    return price
