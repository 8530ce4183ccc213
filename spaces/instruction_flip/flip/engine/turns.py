"""A lock that threads get in the order in which they asked for it."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class Turns:
    """A fair lock: a thread that asks for it again and again does not keep others from it.

    With a lock of Python's own, the thread that releases it and asks again at once nearly always gets it, so
    that a visitor would wait until all that is encoded in the background is done.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: A closed gate for each thread that waits; the first one has its turn.
        self._gates: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        """Wait for the turn."""
        gate = threading.Lock()
        gate.acquire()
        with self._lock:
            is_first = not self._gates
            self._gates.append(gate)
        if not is_first:
            gate.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the next thread go on."""
        with self._lock:
            self._gates.popleft()
            if self._gates:
                self._gates[0].release()
