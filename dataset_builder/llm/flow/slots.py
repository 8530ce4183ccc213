"""The number of requests in flight: few at first, more while the server keeps up, fewer where it does not.

Design, after the congestion control of TCP (additive increase, multiplicative decrease):

- A *round* is as many replies as requests may be in flight. Its mean latency says whether the step before it
  was worth while.
- At first the limit doubles from round to round. That ends where twice the requests make a reply take more
  than one and a half times as long: then they wait for each other, and few more are answered.
- From then on the limit rises by one a round while replies take about as long as before, and falls by a
  quarter where they take more than twice as long.
- It is halved where most requests time out, or are refused as too many.
- No step is taken that would let a reply take more than half of the time-out.
"""

from __future__ import annotations

from dualview.cards.terminal import write_line

# The limit to begin with: a share of the most that are allowed, and at least so many.
_FIRST_SHARE, _FIRST = 8, 2
# Replies of a round, at least: the mean of fewer says little.
_REPLIES = 4
# By how much longer a reply may take in a round for one more request, and from where on it is too long.
_HOLDS, _TOO_LONG = 1.25, 2.0


class Slots:
    """Counts the requests in flight to one server, and adapts their limit.

    :param server: its name, for the message.
    :param most: requests in flight, at most.
    :param timeout: seconds after which a request times out.
    :ivar most: requests in flight, at most.
    :ivar limit: requests in flight at present, at most.
    """

    def __init__(self, server: str, most: int, timeout: float) -> None:
        self.in_flight = 0
        self.most = most
        self._server, self._timeout = server, timeout
        # Requests that were sent before the limit changed say nothing about the new one.
        self._round = self._replies = self._lost = self._peak = 0
        self._seconds = 0.0
        self.begin_anew()

    def begin_anew(self) -> None:
        """Begin with few requests, as with a server that nothing is known of."""
        self.limit = min(self.most, max(_FIRST, self.most // _FIRST_SHARE))
        self._doubles = True
        # Limit and mean latency of the round that the next one is compared with.
        self._before: tuple[int, float] | None = None
        self._begin_round()

    @property
    def room(self) -> int:
        """Number of further requests that may be sent now; negative where the limit has fallen."""
        return self.limit - self.in_flight

    def take(self) -> int:
        """Take a slot right before sending; returns the round, for the methods below."""
        self.in_flight += 1
        self._peak = max(self._peak, self.in_flight)
        return self._round

    def give_back(self) -> None:
        """Free a slot that was taken."""
        self.in_flight -= 1

    def answered(self, sent_in: int, seconds: float) -> None:
        """Count an answer.

        :param sent_in: the round in which its request was sent.
        :param seconds: from the request to the answer.
        """
        self._lost = max(0, self._lost - 1)
        if sent_in != self._round:
            return
        self._replies += 1
        self._seconds += seconds
        if self._replies >= max(self.limit, _REPLIES):
            self._end_round(self._seconds / self._replies)

    def timed_out(self, sent_in: int) -> None:
        """Count a request that got no reply in time."""
        if self._is_one_too_many(sent_in):
            self.halve()

    def refused(self, sent_in: int) -> None:
        """Count a request that the server refused because there are too many."""
        if self._is_one_too_many(sent_in):
            self._fall(min(self._peak, self.limit) // 2)

    def halve(self) -> None:
        """Halve the limit, since most requests in flight take longer than they may."""
        at_once = min(self._peak, self.limit)
        if at_once < 2:
            return
        self._fall(at_once // 2)
        write_line(
            f"{self._server}: most requests got no reply within {self._timeout:g} s. From now on, "
            f"{self.limit} go out at once; a lower --concurrency or a longer --timeout saves the lost time."
        )

    def _is_one_too_many(self, sent_in: int) -> bool:
        """Count a lost request; true if half of those in flight were lost, less the answers in between."""
        if sent_in != self._round:
            return False
        self._lost += 1
        at_once = min(self._peak, self.limit)
        return at_once > 1 and self._lost >= max(2, at_once // 2)

    def _end_round(self, seconds: float) -> None:
        # Where fewer were in flight than allowed, the limit was not tried.
        if self._peak >= self.limit:
            self._step(seconds)
        self._replies, self._seconds, self._peak = 0, 0.0, self.in_flight

    def _step(self, seconds: float) -> None:
        before = self._before
        if self._doubles:
            if before is not None and seconds > before[1] * (1 + self.limit / before[0]) / 2:
                self._doubles = False
                self._change(before[0])
                return
            self._before = (self.limit, seconds)
            wanted = min(2 * self.limit, self.most)
        elif before is not None and seconds > _TOO_LONG * before[1]:
            self._fall(self.limit * 3 // 4)
            return
        else:
            if before is None or seconds < before[1]:
                self._before = (self.limit, seconds)
            elif seconds > _HOLDS * before[1]:
                return
            wanted = min(self.limit + 1, self.most)
        if seconds * wanted / self.limit <= self._timeout / 2:
            self._change(wanted)
        else:
            self._doubles = False

    def _fall(self, limit: int) -> None:
        self._doubles, self._before = False, None
        self._change(max(1, limit))

    def _change(self, limit: int) -> None:
        if limit != self.limit:
            self.limit = limit
            self._begin_round()

    def _begin_round(self) -> None:
        self._round += 1
        self._replies, self._seconds = 0, 0.0
        self._lost, self._peak = 0, self.in_flight
