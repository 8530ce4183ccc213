"""The time that a request may take, counted from when the server can have begun with it.

Design:

- A server may work on one request after the other, so a request waits for those that were sent before it.
  Its time begins anew with each answer to one of them.
- Where all that is in flight is late, the server works on all of it side by side. To give all of it up would
  throw the work away, so only the younger half is given up, and the older half gets its time once more.
- A request that others have overtaken is given up alone.
"""

from __future__ import annotations

import asyncio
import bisect
from collections.abc import Awaitable, Callable
from typing import TypeVar

_T = TypeVar("_T")
# Answers that are remembered, before those are dropped that no request in flight can ask for.
_REMEMBERED = 1024


class MadeRoomError(TimeoutError):
    """A request that was given up for the older ones, which may now be answered."""


class Turns:
    """Requests in flight to one server, in the order in which they were sent.

    :param timeout: seconds for a reply.
    :param all_late: called when the older requests are spared because all are late.
    """

    def __init__(self, timeout: float, all_late: Callable[[], None]) -> None:
        self._timeout = timeout
        self._all_late = all_late
        self._next = 0
        self._sent: dict[int, float] = {}
        # Places of answered requests, ascending, each with the time of the last answer up to this place.
        self._answered: list[int] = []
        self._answered_at: list[float] = []
        self._youngest_answered = -1
        self._spared: set[int] = set()
        self._made_room: set[int] = set()
        self._told_at = float("-inf")

    async def wait_for(self, reply: Awaitable[_T]) -> _T:
        """Send a request now and wait for its reply.

        :raises MadeRoomError: if it was given up although the server may be at work.
        :raises TimeoutError: if its time is over.
        """
        place = self._next
        self._next += 1
        loop = asyncio.get_running_loop()
        self._sent[place] = loop.time()
        watch: list[asyncio.TimerHandle] = []

        def look() -> None:
            ends_at = self._look(place, loop.time())
            if ends_at is None:
                limit.reschedule(loop.time())
            else:
                watch[:] = [loop.call_at(ends_at, look)]

        try:
            async with asyncio.timeout(None) as limit:
                watch.append(loop.call_at(self._sent[place] + self._timeout, look))
                found = await reply
            self._note_answer(place, loop.time())
            return found
        except TimeoutError as error:
            if place in self._made_room:
                raise MadeRoomError from error
            raise
        finally:
            for handle in watch:
                handle.cancel()
            del self._sent[place]
            self._spared.discard(place)
            self._made_room.discard(place)

    def _look(self, place: int, now: float) -> float | None:
        """When to look again at a request; None to give it up."""
        ends_at = max(self._sent[place], self._answered_before(place)) + self._timeout
        if ends_at > now:
            return ends_at
        if self._youngest_answered > place:
            return None
        # Those that were sent a moment ago are not late yet.
        late = [other for other, sent in self._sent.items() if now - sent >= self._timeout / 2]
        older = sum(other < place for other in late)
        if 2 * older < len(late) and len(late) > 1:
            # The first of them finds out; the others are late at about the same time.
            if now - self._told_at >= self._timeout / 2:
                self._told_at = now
                self._all_late()
            self._spared.add(place)
            return now + self._timeout
        if place not in self._spared and self._spared:
            self._made_room.add(place)
        return None

    def _answered_before(self, place: int) -> float:
        """When the last answer came to a request that was sent before this one."""
        found = bisect.bisect_left(self._answered, place)
        return self._answered_at[found - 1] if found else float("-inf")

    def _note_answer(self, place: int, now: float) -> None:
        self._youngest_answered = max(self._youngest_answered, place)
        # An earlier answer to a later request tells nobody more than this one.
        while self._answered and self._answered[-1] >= place:
            self._answered.pop()
            self._answered_at.pop()
        self._answered.append(place)
        self._answered_at.append(now)
        if len(self._answered) > _REMEMBERED:
            kept = max(0, bisect.bisect_left(self._answered, next(iter(self._sent))) - 1)
            del self._answered[:kept], self._answered_at[:kept]
