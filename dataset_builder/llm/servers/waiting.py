"""Waits for a server that is there and not ready, and not long for one that may not be there at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.dataset_builder.llm.connection import Server
from dualview.dataset_builder.llm.failures import Failure, explain_failure
from dualview.dataset_builder.llm.pacing import duration

T = TypeVar("T")
_TRIES = 4
_PAUSE = 0.5  # seconds before the second try, growing
_LONGEST_PAUSE = 5.0


async def persist(
    ask: Callable[[], Awaitable[T]], server: Server, patience: float, known: bool
) -> T | Failure:
    """Try some times, or while patience lasts where the server is not ready; returns the last failure.

    :param known: the server has answered before, so that its address is right.
    """
    started, tries, told = time.monotonic(), 0, False
    while True:
        try:
            return await ask()
        except Exception as error:  # the client lets through whatever a strange body does to it
            failure = explain_failure(error, server)
        tries += 1
        known = known or failure.not_ready
        left = patience - (time.monotonic() - started)
        waits = (failure.not_ready or (failure.away and known)) and left > 0
        final = failure.remedy != "again" or (
            failure.reason == "server_error" and not failure.gone and tries > 1
        )
        if final or (tries >= _TRIES and not waits):
            return failure
        if waits and tries >= _TRIES and not told:
            told = True
            write_line(
                f"the server {server.name} is not ready ({failure.detail}): waiting for it up to "
                f"{duration(patience)} (--patience). Ctrl-C stops now."
            )
        pause = (
            failure.retry_after if failure.retry_after is not None else min(_LONGEST_PAUSE, _PAUSE * tries)
        )
        await asyncio.sleep(min(pause, max(left, 0.0)) if waits else pause)


def no_answer(server: Server, failure: Failure) -> InputError:
    """The error for a server that does not answer, with the remedy."""
    flag = "provider" if server.base_url is None else "base-url"
    return InputError(
        f"the server {server.name} does not answer ({failure.detail}); start it, or check "
        f"{server.role.flags}{flag}"
    )
