"""Opens a client from settings: the server, its dialect and model, the ledger, the limits.

Also for judges: they ask through a client of the same kind, and share ledger and budget with the writer when
they name the same ledger.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.dataset_builder.llm.budget import Budget, Price, read_price
from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.connection import WRITER, Role, Server, find_server
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.pacing import Breaker, RateLimit
from dualview.dataset_builder.llm.probe import describe_dialect, find_dialect, find_model

AUTO = "auto"


@dataclass(frozen=True)
class ClientSettings:
    """Settings of a client; the flags of the same names explain them.

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
        """Take the settings from the flags of the writer."""
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
        """Put another run, shared over a cluster, in the place of the one on this ledger."""
        cls._open[_real(path)] = run

    @classmethod
    def open(cls, path: Path, money: float | None = None, tokens: int | None = None) -> LlmRun:
        """Open the run on a ledger; the first call sets the budget.

        :raises InputError: if the ledger cannot be used.
        """
        resolved = _real(path)
        if resolved not in cls._open:
            cls._open[resolved] = cls(resolved, money, tokens)
        run = cls._open[resolved]
        run._users += 1
        return run

    def rate_limit(self, server: str, kind: str, per_minute: float | None) -> RateLimit:
        """The limit on requests or tokens that all clients of a server share."""
        return self._rates.setdefault((server, kind), RateLimit(per_minute))

    def close(self) -> None:
        """Close the ledger once it has no more users."""
        self._users -= 1
        if not self._users:
            self._open.pop(self._path, None)
            self.ledger.close()


def open_llm_client(settings: ClientSettings, run: LlmRun, role: Role = WRITER) -> LlmClient:
    """Open a client that is ready to be asked: the server has been found, and its dialect is known.

    Call it outside an event loop: a server that is new to the ledger is probed here.

    :param role: the part that the model plays, for messages.
    :raises InputError: if the settings contradict each other, or the server cannot be used.
    """
    server = find_server(settings.base_url, settings.provider, settings.timeout, role)
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


def _real(path: Path) -> Path:
    # `Path.resolve` ends in an error of its own where links lead in a circle.
    return Path(os.path.realpath(path))


def _known_model(server: Server, settings: ClientSettings) -> str:
    if server.base_url is None:
        raise InputError(f"a provider has many models; name one with {server.role.flags}model")
    if settings.ledger_only:
        raise InputError(
            f"--ledger-only sends no request: name the model of the replies with {server.role.flags}model"
        )
    model = asyncio.run(find_model(server, settings.patience))
    write_line(f"{server.role.name}: {server.name} has the model {model}.")
    return model


def _known_dialect(server: Server, model: str, ledger: Ledger, settings: ClientSettings) -> str:
    """The dialect of the settings, or of a probe, which runs once for each server, model and ledger."""
    if settings.dialect != AUTO:
        return settings.dialect
    if settings.ledger_only:
        return "plain"
    fact = json.dumps(["dialect", server.name, model])
    known = ledger.recall(fact)
    if known is None:
        known = asyncio.run(find_dialect(server, model, settings.patience))
        ledger.remember(fact, known)
    write_line(f"{server.role.name}: {server.name} {describe_dialect(known)} (--dialect {known}).")
    return known


def _check_budget(settings: ClientSettings, model: str, price: Price | None) -> None:
    if settings.budget is None or price is not None:
        return
    if settings.prices:
        raise InputError(
            f"--prices {settings.prices} has no price for {model}, and --budget needs one; add its line"
        )
    raise InputError("--budget needs --prices, such as --prices 0.15/0.60")
