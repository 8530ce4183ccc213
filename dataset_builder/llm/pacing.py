"""Paces requests: rates a minute, and pauses between tries."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass


class RateLimit:
    """Spreads amounts evenly: no minute sees more than the rate, but for one amount that is larger itself.

    :param per_minute: requests or tokens; None for no limit.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._seconds_each = 60 / per_minute if per_minute else 0.0
        self._free_at = 0.0

    async def wait(self, amount: float = 1) -> None:
        """Wait for a turn; the turns come in the order of the calls."""
        if not self._seconds_each:
            return
        now = time.monotonic()
        turn = max(self._free_at, now)
        self._free_at = turn + amount * self._seconds_each
        if turn > now:
            await asyncio.sleep(turn - now)

    def give_back(self, amount: float) -> None:
        """Correct a turn that was taken for more than was used; negative for less."""
        self._free_at -= amount * self._seconds_each


@dataclass(frozen=True)
class Backoff:
    """Pauses before the next try: twice as long each time, with full jitter.

    Jitter keeps the requests that failed together from coming back together.

    :param first: seconds, at most, before the second try.
    :param longest: seconds, at most, before any.
    """

    first: float = 0.5
    longest: float = 30.0

    def seconds(self, tries: int, retry_after: float | None = None) -> float:
        """The pause after so many tries; never shorter than the server asked for."""
        pause = random.uniform(0, min(self.longest, self.first * 2 ** (tries - 1)))
        return pause if retry_after is None else retry_after + pause / 4


def duration(seconds: float) -> str:
    """A duration for a message, in seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
