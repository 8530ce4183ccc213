"""Servers of one model: a request goes where there is room, and a server that fails is left for a while.

The requests wait in one line. Who frees a slot hands it to the first of the line, so that the order in which
requests are made is the order in which they are sent. A request that follows another one, such as the second
try of a question, goes before all that wait, and to the same server: its cache still holds the beginning of
both. A slot is handed on in the next round of the event loop, so that whoever read the reply may ask at once.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.dataset_builder.llm.failures import Failure
from dualview.dataset_builder.llm.flow.sending import Sender
from dualview.dataset_builder.llm.messages import LlmReply


@dataclass(frozen=True)
class Slot:
    """A slot on a server, for one request.

    :param sent_in: the round of the server's slots in which it was taken.
    :param alone: the request tries, alone, whether the server answers again.
    """

    sender: Sender
    sent_in: int
    alone: bool


@dataclass(frozen=True)
class _Waiting:
    """A request that waits for its slot; see :meth:`Pool.take`."""

    slot: asyncio.Future[Slot]
    avoid: Sender | None
    follows: Sender | None


class Pool:
    """Gives requests their slots on the servers.

    :param senders: one for each server; at least one.
    """

    def __init__(self, senders: Sequence[Sender]) -> None:
        self._senders = list(senders)
        self._line: deque[_Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, avoid: Sender | None = None, follows: Sender | None = None) -> Slot:
        """Wait for a slot.

        :param avoid: a server that is taken only where no other has room.
        :param follows: the server that answered what this request follows.
        :raises InputError: if no server has answered for the whole patience.
        """
        if (follows is not None or not self._line) and (slot := self._find(avoid, follows)) is not None:
            return slot
        waiting: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        place = _Waiting(waiting, avoid, follows)
        if follows is None:
            self._line.append(place)
        else:
            self._line.appendleft(place)
        self._serve()
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled() and waiting.exception() is None:
                self.give_back(waiting.result())
            raise

    def give_back(self, slot: Slot) -> None:
        """Give a slot back whose request came to no end."""
        slot.sender.slots.give_back()
        if slot.alone:
            slot.sender.breaker.end_try()
        self._serve()

    def finish(self, slot: Slot, outcome: LlmReply | Failure) -> None:
        """Note the outcome of a request, and give its slot back."""
        sender, breaker = slot.sender, slot.sender.breaker
        sender.slots.give_back()
        if slot.alone:
            breaker.end_try()
        if isinstance(outcome, LlmReply):
            sender.slots.answered(slot.sent_in, outcome.seconds)
            if breaker.succeeded():
                # A server that comes back has to show what it can do.
                sender.slots.begin_anew()
                write_line(f"{breaker.name} answers again.")
        elif outcome.remedy == "again":
            if outcome.reason == "timeout" and not slot.alone:
                sender.slots.timed_out(slot.sent_in)
            elif outcome.reason == "rate_limit":
                sender.slots.refused(slot.sent_in)
            if outcome.reason != "empty_reply" and not outcome.made_room:
                opens = breaker.failed(outcome, sender.slots.in_flight)
                if breaker.is_open and (opens or slot.alone) and not self._is_hopeless():
                    write_line(breaker.explain(has_others=self._has_others(sender)))
        self._serve_soon()

    def leave(self, sender: Sender, why: str) -> bool:
        """Leave a server for good.

        :returns: false if it is the last one, which is not left.
        """
        if sender not in self._senders:
            return True
        if len(self._senders) == 1:
            return False
        self._senders.remove(sender)
        write_line(f"{why}. It is left, and the others go on.")
        self._serve()
        return True

    def _is_hopeless(self) -> bool:
        return all(sender.breaker.is_hopeless for sender in self._senders)

    def _has_others(self, sender: Sender) -> bool:
        return any(other is not sender and not other.breaker.is_open for other in self._senders)

    def _serve_soon(self) -> None:
        if self._line:
            asyncio.get_running_loop().call_soon(self._serve)

    def _serve(self) -> None:
        """Hand slots to those who wait; where only time helps, look again then."""
        while self._line:
            first = self._line[0]
            waiting = first.slot
            if waiting.done():
                self._line.popleft()
            elif (slot := self._find(first.avoid, first.follows)) is not None:
                self._line.popleft()
                waiting.set_result(slot)
            elif self._is_hopeless():
                self._line.popleft()
                # One of them is enough: it ends the others.
                waiting.set_exception(InputError(self._senders[0].breaker.give_up()))
                return
            else:
                self._look_again()
                return

    def _find(self, avoid: Sender | None, follows: Sender | None) -> Slot | None:
        """A slot on the server with most room, or one to try a server alone whose pause is over."""
        if self._is_hopeless():
            return None
        ready = [it for it in self._senders if not it.breaker.is_open and it.slots.room > 0]
        if ready:
            sender = max(
                ready, key=lambda it: (it is not avoid, it is follows, it.slots.room / it.slots.limit)
            )
            return Slot(sender, sender.slots.take(), alone=False)
        for sender in self._senders:
            breaker = sender.breaker
            if breaker.is_open and breaker.tries_in() <= 0:
                breaker.begin_try()
                return Slot(sender, sender.slots.take(), alone=True)
        return None

    def _look_again(self) -> None:
        pause = min((it.breaker.tries_in() for it in self._senders if it.breaker.is_open), default=math.inf)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if pause < math.inf:
            self._timer = asyncio.get_running_loop().call_later(pause, self._serve)
