"""Standard output and error that cannot end a command: closed, full, or read by a program that has gone."""

from __future__ import annotations

import os
import sys
from typing import IO, Any


class TolerantStream:
    """Passes writes on to a stream; drops them once the stream takes no more."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text if that is possible, and return its length either way."""
        try:
            self._stream.write(text)
        except (OSError, ValueError):
            self._drop()
        return len(text)

    def flush(self) -> None:
        """Flush the stream if that is possible."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._drop()

    def _drop(self) -> None:
        # What is still buffered would fail again when the interpreter ends.
        self._stream = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open to the end

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        return getattr(self._stream, name)


def tolerate_closed_streams() -> None:
    """Replace standard error by one that never fails, and a closed standard output by nothing.

    A full disk behind standard output is left to fail: it may hold the command's result.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open to the end
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open to the end
    elif not isinstance(sys.stderr, TolerantStream):
        sys.stderr = TolerantStream(sys.stderr)
