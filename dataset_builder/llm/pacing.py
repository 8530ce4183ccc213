"""Paces requests: rates a minute, pauses between tries, and a pause for all when a server does not answer."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.dataset_builder.llm.failures import Failure


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


class Breaker:
    """Holds all requests back when one after the other fails, and lets one at a time try again.

    :param name: of the server, for the messages.
    :param after: failures in a row, of any requests, that open the circuit. Before the first success, a
        quarter of that is enough where the server seems not to be there: it may still load its model.
    :ivar patience: seconds without a single success after which the build stops.
    :param first_pause: seconds until the first try; the pause doubles from try to try, up to
        ``longest_pause``.
    """

    def __init__(
        self,
        name: str,
        after: int = 12,
        patience: float = 900.0,
        first_pause: float = 1.0,
        longest_pause: float = 60.0,
    ) -> None:
        self._name = name
        self._after = after
        self.patience = patience
        self._first, self._longest = first_pause, longest_pause
        self._pause = first_pause
        self._worked_before = False
        self._in_a_row = 0
        self._failing_since = 0.0
        self._why = ""
        self._works = asyncio.Event()
        self._works.set()
        self._turn = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """True while requests are held back."""
        return not self._works.is_set()

    async def wait(self) -> bool:
        """Wait until requests may go out, or until it is this one's turn to try.

        :returns: true for a turn to try, alone.
        :raises InputError: if nothing has worked for the whole patience.
        """
        if not self.is_open:
            return False
        async with self._turn:
            if not self.is_open:
                return False
            pause = self._pause
            left = self.patience - (time.monotonic() - self._failing_since)
            if left <= 0:
                raise InputError(
                    f"{self._name} has not answered for {duration(self.patience)} ({self._why}). What was "
                    "answered is kept: see to the server and give the same command again, or raise --patience"
                )
            write_line(
                f"{self._name} fails every time ({self._why}): trying again in {pause:.0f} s, and giving up "
                f"in {duration(left)} (--patience). Ctrl-C stops now; the same command goes on later."
            )
            self._pause = min(2 * pause, self._longest)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._works.wait(), min(pause, left))
            return self.is_open

    def succeeded(self) -> None:
        """Close the circuit after an answer: all requests may go out again."""
        self._worked_before = True
        self._in_a_row = 0
        if self.is_open:
            write_line(f"{self._name} answers again.")
            self._pause = self._first
            self._works.set()

    def failed(self, failure: Failure) -> None:
        """Count a failure; enough of them in a row open the circuit."""
        if self._in_a_row == 0:
            self._failing_since = time.monotonic()
        self._in_a_row += 1
        self._why = failure.detail
        early = failure.gone and not self._worked_before
        if self._in_a_row >= (max(1, self._after // 4) if early else self._after):
            self._pause = max(self._pause, failure.retry_after or 0.0)
            self._works.clear()


def duration(seconds: float) -> str:
    """A duration for a message, in seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
