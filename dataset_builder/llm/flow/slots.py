"""The number of requests in flight, which falls when a server lets most of them time out together."""

from __future__ import annotations

import asyncio

from dualview.cards.terminal import write_line

# Answers at the present limit, for each request in flight, after which one more is allowed.
_ANSWERS_A_STEP = 10


class Slots:
    """Limits the requests in flight. A server that works on all of them at once may be too slow for each.

    When half as many requests time out as are in flight, less those that were answered in between, the limit
    is halved. It rises again by one after ten times as many answers as the limit.

    :param server: its name, for the message.
    :param most: requests in flight, at most.
    :param timeout: seconds after which a request times out, for the message.
    """

    def __init__(self, server: str, most: int, timeout: float) -> None:
        self.limit = most
        self._server, self._most, self._timeout = server, most, timeout
        self._free = asyncio.Semaphore(most)
        # Slots in use that are not given back, since the limit has fallen.
        self._surplus = 0
        self._in_flight = self._peak = 0
        # Requests that were sent before the limit fell say nothing about the new one.
        self._round = 0
        self._late = self._answers = 0

    async def take(self) -> int:
        """Wait for a slot right before sending; returns the round, for :meth:`timed_out`."""
        await self._free.acquire()
        self._in_flight += 1
        self._peak = max(self._peak, self._in_flight)
        return self._round

    def give_back(self) -> None:
        """Free a slot that was taken."""
        self._in_flight -= 1
        self._release()

    def answered(self) -> None:
        """Count an answer."""
        self._late = max(0, self._late - 1)
        self._answers += 1
        if self.limit < self._most and self._answers >= _ANSWERS_A_STEP * self.limit:
            self._answers = 0
            self.limit += 1
            self._release()

    def timed_out(self, sent_in: int) -> None:
        """Count a request that got no reply in time.

        :param sent_in: the round in which it was sent.
        """
        if sent_in != self._round:
            return
        self._late += 1
        at_once = min(self._peak, self.limit)
        if self._late >= max(2, at_once // 2) and at_once > 1:
            self._lower(at_once // 2)

    def _lower(self, limit: int) -> None:
        write_line(
            f"{self._server}: most requests got no reply within {self._timeout:g} s. From now on, {limit} go "
            "out at once; a lower --concurrency or a longer --timeout saves the lost time."
        )
        self._surplus += self.limit - limit
        self.limit = limit
        self._round += 1
        self._late = self._answers = self._peak = 0

    def _release(self) -> None:
        if self._surplus:
            self._surplus -= 1
        else:
            self._free.release()
