"""The model and the dialects of the servers of a client; what was found out is kept in the ledger.

With several servers, one that does not answer is left for now: the requests find out when it does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.dataset_builder.llm.connection import Server
from dualview.dataset_builder.llm.dialects import PLAIN
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.servers.probe import (
    count_slots,
    describe_dialect,
    find_dialect,
    find_model,
    list_models,
)
from dualview.dataset_builder.llm.servers.speed import Speed, remember_speed

#: The value of ``--dialect`` that has each server probed.
AUTO = "auto"


def find_common_model(servers: Sequence[Server], ledger: Ledger, patience: float) -> tuple[str, Server]:
    """Find the first model that the first server lists, which the others must list as well.

    :param patience: seconds to wait for a server that is not ready; with several servers, for the first one
        where none is.
    :returns: the model, and the server that listed it first.
    :raises InputError: if no server lists a model, or one lists others only.
    """
    known = _has_answered(servers[0], ledger)
    model, first = asyncio.run(_find_common_model(servers, patience, known))
    ledger.remember(_answered(first), "yes")
    return model, first


async def _find_common_model(servers: Sequence[Server], patience: float, known: bool) -> tuple[str, Server]:
    if len(servers) == 1:
        return await find_model(servers[0], patience, known), servers[0]
    listed = await asyncio.gather(*(list_models(server, 0.0) for server in servers), return_exceptions=True)
    ready = [
        (server, names) for server, names in zip(servers, listed, strict=True) if isinstance(names, list)
    ]
    if not ready:
        return await find_model(servers[0], patience, known), servers[0]
    first, (model, *_) = ready[0]
    for server, names in ready[1:]:
        if model not in names:
            raise InputError(
                f"the server {server.name} has the model {names[0]}, and {first.name} has {model}: give "
                f"servers of one model, or name it with {server.role.flags}model"
            )
    return model, first


def find_dialects(
    servers: Sequence[Server], model: str, ledger: Ledger, dialect: str, patience: float, ask: bool
) -> list[str]:
    """The dialect of each server: the one that is given, or that of a probe.

    A probe runs once for each server, model and ledger.

    :param dialect: a dialect, or ``auto``.
    :param ask: False where no request may be sent.
    :raises InputError: if no server can be used.
    """
    if dialect != AUTO:
        return [dialect] * len(servers)
    if not ask:
        return [PLAIN] * len(servers)
    if len(servers) == 1:
        return [_find(servers[0], model, ledger, patience)]
    found: list[str | None] = []
    for server in servers:
        try:
            found.append(_find(server, model, ledger, 0.0))
        except InputError as error:
            write_line(f"{error}. It is left for now.")
            found.append(None)
    # Where none is ready, the first one is waited for.
    usual = next((it for it in found if it is not None), None) or _find(servers[0], model, ledger, patience)
    return [usual if it is None else it for it in found]


def find_slots(servers: Sequence[Server], most: int, ask: bool) -> list[int]:
    """How many requests may be in flight to each server: ``most``, or its slots where it has fewer.

    It is asked for each time, since a server may come back with other slots.

    :param ask: False where no request may be sent.
    """
    if not ask:
        return [most] * len(servers)

    async def count() -> list[int | None]:
        return await asyncio.gather(*map(count_slots, servers))

    found = asyncio.run(count())
    for server, slots in zip(servers, found, strict=True):
        if slots is not None and slots < most:
            write_line(
                f"{server.role.name}: {server.name} works on {slots} at once, so that no more are sent "
                "(--concurrency)."
            )
    return [most if slots is None else min(slots, most) for slots in found]


def _find(server: Server, model: str, ledger: Ledger, patience: float) -> str:
    fact = json.dumps(["dialect", server.name, model])
    known = ledger.recall(fact)
    if known is None:
        speeds: list[Speed] = []
        before = _has_answered(server, ledger)
        known = asyncio.run(find_dialect(server, model, patience, speeds.append, before))
        ledger.remember(fact, known)
        ledger.remember(_answered(server), "yes")
        if speeds:
            # The first reply may have waited for the model to be loaded.
            remember_speed(ledger, server.name, model, min(speeds, key=lambda speed: speed.seconds_of(100)))
    write_line(f"{server.role.name}: {server.name} {describe_dialect(known)} (--dialect {known}).")
    return known


def _answered(server: Server) -> str:
    """The name under which the ledger keeps that a server has answered."""
    return json.dumps(["answered", server.name])


def _has_answered(server: Server, ledger: Ledger) -> bool:
    return ledger.recall(_answered(server)) is not None
