"""Stops all requests of a client at an error that concerns them all, such as a full disk or a refused key."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.dataset_builder.llm.budget import BudgetError
from dualview.dataset_builder.llm.failures import Failure
from dualview.dataset_builder.llm.messages import LlmRequest
from dualview.dataset_builder.llm.pacing import duration

_MAX_NOTICES = 3
# A server that takes none of so many first requests takes none of the rest.
_MAX_REFUSED = 5


class Together:
    """Tasks that end together: what is still in flight would be paid for nothing."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._error: InputError | None = None

    @contextlib.contextmanager
    def joined(self) -> Iterator[None]:
        """Run the current task's request as one of them.

        :raises InputError: in each of the tasks, once one of them has raised it. A spent budget ends only the
            request that does not fit.
        """
        if self._error is not None:
            raise InputError(str(self._error))
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            yield
        except BudgetError:
            raise
        except InputError as error:
            if self._error is None:
                self._error = error
                for other in self._tasks - {task}:
                    other.cancel()
            raise
        except asyncio.CancelledError:
            # Cancelled by the lines above, and not by Ctrl-C as well.
            if self._error is not None and not task.uncancel():
                raise InputError(str(self._error)) from None
            raise
        finally:
            self._tasks.discard(task)


class ServerWatch:
    """Recognises a server that no request can succeed on, and shows the first failures of each kind.

    :param server: its name, for the messages.
    :param patience: the longest pause that it may ask for, in seconds.
    """

    def __init__(self, server: str, patience: float) -> None:
        self._server, self._patience = server, patience
        self._has_answered = False
        self._refused_in_a_row = 0
        self._shown: set[str] = set()

    def answered(self) -> None:
        """Note an answer."""
        self._has_answered = True

    def failed(self, failure: Failure) -> None:
        """Note a failure.

        :raises InputError: if no request can succeed.
        """
        if failure.remedy == "stop":
            raise InputError(f"the server {self._server} cannot be used: {failure.detail}")
        if (failure.retry_after or 0) > self._patience:
            raise InputError(
                f"the server {self._server} asks to wait {duration(failure.retry_after or 0)} "
                f"({failure.detail}). What was answered is kept: give the same command then, or raise "
                "--patience"
            )
        refused = failure.reason in ("refused", "cut_off") and failure.remedy == "refused"
        self._refused_in_a_row = self._refused_in_a_row + 1 if refused else 0
        if not self._has_answered and self._refused_in_a_row >= _MAX_REFUSED:
            raise InputError(f"the server {self._server} refuses every request: {failure.detail}")

    def show(self, request: LlmRequest, failure: Failure) -> None:
        """Show a request that was given up, if it is the first with this reason."""
        if failure.reason in self._shown or len(self._shown) >= _MAX_NOTICES:
            return
        self._shown.add(failure.reason)
        write_line(
            f"the server {self._server} gave no answer to {request.subject} ({failure.reason}): "
            f"{failure.detail}. The ledger keeps the reason of each."
        )
