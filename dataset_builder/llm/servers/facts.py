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
from dualview.dataset_builder.llm.servers.probe import describe_dialect, find_dialect, find_model, list_models
from dualview.dataset_builder.llm.servers.speed import Speed, remember_speed

#: The value of ``--dialect`` that has each server probed.
AUTO = "auto"


async def find_common_model(servers: Sequence[Server], patience: float) -> tuple[str, Server]:
    """Find the first model that the first server lists, which the others must list as well.

    :param patience: seconds to wait for a server that is not ready; with several servers, for the first one
        where none is.
    :returns: the model, and the server that listed it first.
    :raises InputError: if no server lists a model, or one lists others only.
    """
    if len(servers) == 1:
        return await find_model(servers[0], patience), servers[0]
    listed = await asyncio.gather(*(list_models(server, 0.0) for server in servers), return_exceptions=True)
    ready = [
        (server, names) for server, names in zip(servers, listed, strict=True) if isinstance(names, list)
    ]
    if not ready:
        return await find_model(servers[0], patience), servers[0]
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


def _find(server: Server, model: str, ledger: Ledger, patience: float) -> str:
    fact = json.dumps(["dialect", server.name, model])
    known = ledger.recall(fact)
    if known is None:
        speeds: list[Speed] = []
        known = asyncio.run(find_dialect(server, model, patience, speeds.append))
        ledger.remember(fact, known)
        if speeds:
            # The first reply may have waited for the model to be loaded.
            remember_speed(ledger, server.name, model, min(speeds, key=lambda speed: speed.seconds_of(100)))
    write_line(f"{server.role.name}: {server.name} {describe_dialect(known)} (--dialect {known}).")
    return known
