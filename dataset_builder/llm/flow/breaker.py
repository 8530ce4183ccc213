"""Leaves a server alone that fails again and again, and tries it again with one request at a time."""

from __future__ import annotations

import math
import time

from dualview.dataset_builder.llm.failures import Failure
from dualview.dataset_builder.llm.pacing import duration


class Breaker:
    """Opens when one request after the other fails, and closes with the first answer.

    :param name: of the server, for the messages.
    :param after: failures in a row, of any requests, that open the circuit. A quarter of that is enough
        where the server seems not to be there, before the first success (it may still load its model) and
        for a request alone (it would have no tries left before the circuit opens).
    :param patience: seconds without a single success after which there is no hope.
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
        self.name = name
        self.patience = patience
        self.is_open = False
        self.is_hopeless = False
        self._after = after
        self._first, self._longest = first_pause, longest_pause
        self._pause = first_pause
        self._worked_before = False
        self._in_a_row = 0
        self._failing_since = self._next_try = 0.0
        self._is_tried = False
        self._why = ""

    def tries_in(self) -> float:
        """Seconds until a request may try whether the server answers; endless while one does."""
        return math.inf if self._is_tried else max(0.0, self._next_try - time.monotonic())

    def begin_try(self) -> None:
        """Note that a request tries, alone."""
        self._is_tried = True

    def end_try(self) -> None:
        """Note that the request that tried alone came to its end; call it before its outcome is noted."""
        self._is_tried = False
        self._pause_from_now()

    def succeeded(self) -> bool:
        """Note an answer.

        :returns: true if it closes the circuit.
        """
        was_open = self.is_open
        self._worked_before = True
        self._in_a_row = 0
        self._pause = self._first
        self.is_open = self.is_hopeless = False
        return was_open

    def failed(self, failure: Failure, others: int = 1) -> bool:
        """Note a failure; enough of them in a row open the circuit.

        :param others: requests that are still in flight.
        :returns: true if this one opens it.
        """
        now = time.monotonic()
        if self._in_a_row == 0:
            self._failing_since = now
        self._in_a_row += 1
        self._why = failure.detail
        self._pause = max(self._pause, failure.retry_after or 0.0)
        early = (failure.gone and not self._worked_before) or (failure.away and not others)
        if self.is_open:
            self.is_hopeless = now >= self._failing_since + self.patience
            return False
        if self._in_a_row < (max(1, self._after // 4) if early else self._after):
            return False
        self.is_open = True
        self._pause_from_now()
        return True

    def explain(self, has_others: bool) -> str:
        """What happens now, as a line.

        :param has_others: other servers get the requests meanwhile.
        """
        pause = duration(self.tries_in())
        if has_others:
            return f"{self.name} fails every time ({self._why}): the others go on; it is tried in {pause}."
        left = duration(max(0.0, self._failing_since + self.patience - time.monotonic()))
        return (
            f"{self.name} fails every time ({self._why}): trying again in {pause}, and giving up in {left} "
            "(--patience). Ctrl-C stops now; the same command goes on later."
        )

    def give_up(self) -> str:
        """The message of the end of all patience."""
        return (
            f"{self.name} has not answered for {duration(self.patience)} ({self._why}). What was answered is "
            "kept: see to the server and give the same command again, or raise --patience"
        )

    def _pause_from_now(self) -> None:
        now = time.monotonic()
        # The last try comes when patience ends.
        self._next_try = min(now + self._pause, max(now, self._failing_since + self.patience))
        self._pause = min(2 * self._pause, self._longest)
