"""The journal of every request to a language model and its reply: nothing is asked or paid twice.

Design:

- SQLite with a write-ahead log, one row a request. Every reply is committed on its own, before it is used: a
  process that is killed loses only what was in flight, and the same command goes on.
- The key is the request's content (see :meth:`LlmRequest.key`). A changed prompt, model or parameter is
  another key: it is asked anew, and the old replies stay.
- A request without an answer (the server refused it, never answered, or sent an empty reply) has a row
  without a reply. It is asked again.
- A row has a checksum. A ledger that was damaged on disk is named, and gives no wrong reply.
- The file holds prompts' versions and replies, never the prompts, request headers or the API key. Only its
  owner may read it.
- One build at a time writes to a ledger; a report may read it meanwhile.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dualview.dataset_builder.llm.ledger.files import check_ledger, damaged, explained, prepare_ledger
from dualview.dataset_builder.llm.ledger.locking import LedgerLock
from dualview.dataset_builder.llm.ledger.rows import KEPT, checksum, read_row
from dualview.dataset_builder.llm.messages import LlmFailure, LlmReply, LlmRequest

# A reply waits this long for another program that has locked the file, in milliseconds.
_BUSY = 20_000
# Bytes that must be free before anything is asked.
_ROOM = 32_768
_WRITTEN = (
    "key, task, subject, prompt_version, model, parameters, outcome, reply, finish_reason, logprobs, "
    "prompt_tokens, completion_tokens, cost, seconds, attempts, answered_at, detail, checksum, cached_tokens"
)


@dataclass(frozen=True)
class Spent:
    """Sums over all requests of a ledger.

    :param requests: those with a reply.
    :param tokens: of prompts and replies together.
    :param cost: in the currency of the prices; requests without a price count nothing.
    """

    requests: int
    tokens: int
    cost: float


class Ledger:
    """A ledger that is open for writing; close it, or use it in a ``with`` statement.

    :param path: the file; made with its folder if there is none.
    :raises InputError: if the file is not a ledger, is damaged, is of a newer version, is in use by another
        process, or has no room for more. Another program's file is left as it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # Before anything else: closing a file that SQLite has open in this process would end SQLite's locks.
        self._lock = LedgerLock(path)
        try:
            check_ledger(path)
        except BaseException:
            self._lock.discard()
            raise
        try:
            prepare_ledger(path)
            with explained(path):
                # A build in a notebook works in another thread than the one that opened the ledger.
                self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
                self._prepare()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let others write to it."""
        self._db.close()
        self._lock.release()

    def find(self, key: str) -> LlmReply | None:
        """The reply to a request, or None if it never got one.

        :raises InputError: if the file is damaged there.
        """
        row = self._fetch(f"SELECT {KEPT}, subject FROM requests WHERE key = ? AND length(reply) > 0", key)  # noqa: S608 - the names are our own constants
        if row is None:
            return None
        try:
            return read_row(key, row)
        except (AttributeError, TypeError, ValueError, RecursionError) as error:
            raise damaged(self.path, f"the reply to {row[-1]!r} cannot be read") from error

    def record_reply(self, key: str, request: LlmRequest, model: str, reply: LlmReply, outcome: str) -> None:
        """Write down a reply, for good when this returns.

        :param outcome: what the reply turned out to be, such as ``written``, ``declined`` or ``unreadable``.
        :raises InputError: if it cannot be written, as on a full disk.
        """
        logprobs = None
        if reply.logprobs:
            logprobs = json.dumps([[choice.token, dict(choice.alternatives)] for choice in reply.logprobs])
        self._write(
            key,
            request,
            model,
            (
                outcome,
                reply.text,
                reply.finish_reason,
                logprobs,
                reply.prompt_tokens,
                reply.completion_tokens,
                reply.cost,
                reply.seconds,
                reply.attempts,
                time.time(),
                None,
                checksum(key, reply.text, reply.finish_reason, logprobs),
                reply.cached_tokens,
            ),
        )

    def record_failure(self, key: str, request: LlmRequest, model: str, failure: LlmFailure) -> None:
        """Write down that a request got no answer, and why.

        :raises InputError: if it cannot be written, as on a full disk.
        """
        nothing = (None, None, None)
        used = (failure.prompt_tokens, failure.completion_tokens, failure.cost, 0.0)
        self._write(
            key,
            request,
            model,
            (failure.reason, *nothing, *used, failure.attempts, time.time(), failure.detail, None, None),
        )

    def spent(self) -> Spent:
        """Sum what all requests have used so far, those of earlier prompts and models included."""
        row = self._fetch(
            "SELECT count(reply), coalesce(sum(prompt_tokens + completion_tokens), 0), "
            "coalesce(sum(cost), 0) FROM requests"
        )
        assert row is not None
        return Spent(*row)

    def remember(self, name: str, value: str) -> None:
        """Keep a fact of the run, such as the dialect of a server."""
        with explained(self.path):
            self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def recall(self, name: str) -> str | None:
        """A fact that was kept, or None."""
        row = self._fetch("SELECT value FROM facts WHERE name = ?", name)
        return None if row is None else str(row[0])

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        # Enough against a killed process. Only a power cut may take the last replies back.
        self._db.execute("PRAGMA synchronous = NORMAL")
        (problem,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if problem != "ok":
            raise damaged(self.path, str(problem).splitlines()[0])
        # A reply that cannot be kept is paid for all the same: see to the room before the first request.
        self._db.execute("INSERT OR REPLACE INTO facts VALUES ('room', zeroblob(?))", (_ROOM,))
        self._db.execute("DELETE FROM facts WHERE name = 'room'")
        self._db.execute(f"PRAGMA busy_timeout = {_BUSY}")

    def _fetch(self, statement: str, *values: str) -> Sequence[Any] | None:
        with explained(self.path):
            row: Sequence[Any] | None = self._db.execute(statement, values).fetchone()
            return row

    def _write(self, key: str, request: LlmRequest, model: str, values: tuple[object, ...]) -> None:
        parameters = json.dumps(request.parameters(), sort_keys=True)
        row = (key, request.task, request.subject, request.prompt_version, model, parameters, *values)
        marks = ", ".join("?" * len(row))
        with explained(self.path):
            self._db.execute(f"INSERT OR REPLACE INTO requests ({_WRITTEN}) VALUES ({marks})", row)  # noqa: S608 - the names are our own constants
