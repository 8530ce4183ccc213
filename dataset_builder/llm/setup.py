"""Opens a client from settings: the server, its dialect and model, the ledger, the limits.

Also for judges: they ask through a client of the same kind, and share ledger and budget with the writer when
they name the same ledger.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.dataset_builder.event_loop import call_outside_loop
from dualview.dataset_builder.llm.budget import Budget, Price, read_price
from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.connection import WRITER, Role, Server, find_server
from dualview.dataset_builder.llm.flow.breaker import Breaker
from dualview.dataset_builder.llm.flow.sending import Limits
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.pacing import RateLimit
from dualview.dataset_builder.llm.servers.facts import AUTO, find_common_model, find_dialects, find_slots


@dataclass(frozen=True)
class ClientSettings:
    """Settings of a client; the flags of the same names explain them.

    :param base_url: of the first server, and ``more_urls`` of others with the same model.
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
    more_urls: tuple[str, ...] = ()

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> ClientSettings:
        """Take the settings from the flags of the writer."""
        flags = cls.__dataclass_fields__.keys() - {"base_url", "more_urls"}
        return cls(**{name: getattr(args, name) for name in flags}).on(args.base_url)

    def on(self, urls: Sequence[str] | None) -> ClientSettings:
        """The same settings for other servers."""
        first, *more = dict.fromkeys(urls or ()) or (None,)
        return replace(self, base_url=first, more_urls=tuple(more))

    @property
    def server_names(self) -> tuple[str, ...]:
        """The servers as messages and the ledger's facts name them."""
        if self.base_url is None:
            return (f"the provider {self.provider}",)
        return (self.base_url, *self.more_urls)


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

    A server that is new to the ledger is probed here, also in a notebook.

    :param role: the part that the model plays, for messages.
    :raises InputError: if the settings contradict each other, or the server cannot be used.
    """
    return call_outside_loop(lambda: _open(settings, run, role))


def _open(settings: ClientSettings, run: LlmRun, role: Role) -> LlmClient:
    servers = [
        find_server(url, settings.provider, settings.timeout, role)
        for url in (settings.base_url, *settings.more_urls)
    ]
    model = settings.model or _known_model(servers, settings, run.ledger)
    price = read_price(settings.prices, model) if settings.prices else None
    _check_budget(settings, model, price)
    dialects = find_dialects(
        servers, model, run.ledger, settings.dialect, settings.patience, ask=not settings.ledger_only
    )
    slots = find_slots(servers, settings.concurrency, ask=not settings.ledger_only)
    first, *others = [
        (server, dialect, _limits(server, settings, run, at_once))
        for server, dialect, at_once in zip(servers, dialects, slots, strict=True)
    ]
    return LlmClient(
        first[0],
        model,
        run.ledger,
        first[1],
        **vars(first[2]),
        others=others,
        max_tries=settings.max_tries,
        price=price,
        budget=run.budget,
        ledger_only=settings.ledger_only,
    )


def _limits(server: Server, settings: ClientSettings, run: LlmRun, at_once: int) -> Limits:
    return Limits(
        at_once,
        run.rate_limit(server.name, "requests", settings.requests_per_minute),
        run.rate_limit(server.name, "tokens", settings.tokens_per_minute),
        Breaker(f"the server {server.name}", patience=settings.patience),
    )


def _real(path: Path) -> Path:
    # `Path.resolve` ends in an error of its own where links lead in a circle.
    return Path(os.path.realpath(path))


def _known_model(servers: Sequence[Server], settings: ClientSettings, ledger: Ledger) -> str:
    role = servers[0].role
    if servers[0].base_url is None:
        raise InputError(f"a provider has many models; name one with {role.flags}model")
    if settings.ledger_only:
        raise InputError(
            f"--ledger-only sends no request: name the model of the replies with {role.flags}model"
        )
    model, server = find_common_model(servers, ledger, settings.patience)
    write_line(f"{role.name}: {server.name} has the model {model}.")
    return model


def _check_budget(settings: ClientSettings, model: str, price: Price | None) -> None:
    if settings.budget is None or price is not None:
        return
    if settings.prices:
        raise InputError(
            f"--prices {settings.prices} has no price for {model}, and --budget needs one; add its line"
        )
    raise InputError("--budget needs --prices, such as --prices 0.15/0.60")
