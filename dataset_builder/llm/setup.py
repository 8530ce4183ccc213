"""Opens a client from settings: the server, its dialect and model, the ledger, the limits.

Also for judges: they ask through a client of the same kind, and share ledger and budget with the writer when
they name the same ledger.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.budget import Budget, Price, read_price
from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.connection import Server, find_server
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.pacing import Breaker, RateLimit
from dualview.dataset_builder.llm.probe import describe_dialect, find_dialect, find_model

AUTO = "auto"


@dataclass(frozen=True)
class ClientSettings:
    """What a client is opened with; the flags of the same names say what each is.

    :param model: None for the first that the server lists.
    :param dialect: ``auto``, or one of :data:`dualview.dataset_builder.llm.dialects.DIALECTS`.
    """

    base_url: str | None = None
    provider: str | None = None
    model: str | None = None
    dialect: str = AUTO
    concurrency: int = 32
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    timeout: float = 180.0
    max_tries: int = 8
    patience: float = 900.0
    prices: str | None = None
    budget: float | None = None
    budget_tokens: int | None = None
    ledger_only: bool = False

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> ClientSettings:
        """The settings that the flags of the writer say."""
        return cls(**{name: getattr(args, name) for name in cls.__dataclass_fields__})


class LlmRun:
    """A ledger and the budget on it, shared by all clients of a process that name the same file."""

    _open: dict[Path, LlmRun] = {}  # noqa: RUF012 - a registry, meant to be shared

    def __init__(self, path: Path, money: float | None, tokens: int | None) -> None:
        self.ledger = Ledger(path)
        spent = self.ledger.spent()
        self.budget = Budget(money, tokens, spent.cost, spent.tokens)
        self._path = path
        self._users = 0
        self._rates: dict[tuple[str, str], RateLimit] = {}

    @classmethod
    def lend(cls, path: Path, run: LlmRun) -> None:
        """Let those who open the run on this ledger have another, which is shared over a cluster."""
        cls._open[path.resolve()] = run

    @classmethod
    def open(cls, path: Path, money: float | None = None, tokens: int | None = None) -> LlmRun:
        """The run on a ledger; the first to open it sets the budget.

        :raises InputError: if the ledger cannot be used.
        """
        resolved = path.resolve()
        if resolved not in cls._open:
            cls._open[resolved] = cls(resolved, money, tokens)
        run = cls._open[resolved]
        run._users += 1
        return run

    def rate_limit(self, server: str, kind: str, per_minute: float | None) -> RateLimit:
        """The limit on requests or tokens that all clients of a server share."""
        return self._rates.setdefault((server, kind), RateLimit(per_minute))

    def close(self) -> None:
        """Close the ledger once nobody uses it any more."""
        self._users -= 1
        if not self._users:
            self._open.pop(self._path, None)
            self.ledger.close()


def open_llm_client(settings: ClientSettings, run: LlmRun) -> LlmClient:
    """A client that is ready to be asked: the server has been found, and its dialect is known.

    Call it outside an event loop: a server that was not met before is probed here.

    :raises InputError: if the settings contradict each other, or the server cannot be used.
    """
    server = find_server(settings.base_url, settings.provider, settings.timeout)
    model = settings.model or _known_model(server, settings)
    price = read_price(settings.prices, model) if settings.prices else None
    _check_budget(settings, model, price)
    return LlmClient(
        server,
        model,
        run.ledger,
        _known_dialect(server, model, run.ledger, settings),
        concurrency=settings.concurrency,
        requests=run.rate_limit(server.name, "requests", settings.requests_per_minute),
        tokens=run.rate_limit(server.name, "tokens", settings.tokens_per_minute),
        max_tries=settings.max_tries,
        price=price,
        budget=run.budget,
        breaker=Breaker(f"the server {server.name}", patience=settings.patience),
        ledger_only=settings.ledger_only,
    )


def _known_model(server: Server, settings: ClientSettings) -> str:
    if server.base_url is None:
        raise InputError("a provider has many models; name one with --model")
    if settings.ledger_only:
        raise InputError("--ledger-only asks nobody: name the model of the replies with --model")
    model = asyncio.run(find_model(server))
    sys.stderr.write(f"Writer endpoint: {server.name} has the model {model}.\n")
    return model


def _known_dialect(server: Server, model: str, ledger: Ledger, settings: ClientSettings) -> str:
    """The dialect of the settings, or what probing finds; that is asked once a server, model and ledger."""
    if settings.dialect != AUTO:
        return settings.dialect
    if settings.ledger_only:
        return "plain"
    fact = json.dumps(["dialect", server.name, model])
    known = ledger.recall(fact)
    if known is None:
        known = asyncio.run(find_dialect(server, model))
        ledger.remember(fact, known)
    sys.stderr.write(f"Writer endpoint: {server.name} {describe_dialect(known)} (--dialect {known}).\n")
    return known


def _check_budget(settings: ClientSettings, model: str, price: Price | None) -> None:
    if settings.budget is None or price is not None:
        return
    if settings.prices:
        raise InputError(
            f"--prices {settings.prices} has no price for {model}, and --budget needs one; add its line"
        )
    raise InputError("--budget needs --prices, such as --prices 0.15/0.60")
