"""The journal of every request to a language model and its reply: nothing is asked or paid twice.

Design:

- SQLite with a write-ahead log, one row a request. Every reply is committed on its own, before anybody uses
  it: a process that is killed loses only what was in flight, and the same command goes on.
- The key is the request's content (see :meth:`LlmRequest.key`). A changed prompt, model or parameter is
  another key: it is asked anew, and the old replies stay.
- A request that failed (the server refused it or never answered) has a row without a reply. It is asked
  again.
- The file holds prompts' versions and replies, never the prompts, request headers or the API key.
- One build at a time writes to a ledger; a report may read it meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.messages import LlmReply, LlmRequest, TokenChoice

SUFFIX = ".ledger.sqlite"
_FORMAT = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS requests (
    key TEXT PRIMARY KEY,
    task TEXT NOT NULL,
    subject TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    model TEXT NOT NULL,
    parameters TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reply TEXT,
    finish_reason TEXT,
    logprobs TEXT,
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    cost REAL,
    seconds REAL NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL,
    answered_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_COLUMNS = "reply, finish_reason, prompt_tokens, completion_tokens, seconds, attempts, cost, logprobs"


@dataclass(frozen=True)
class Spent:
    """What all requests of a ledger have used.

    :param tokens: of prompts and replies together.
    :param cost: in the currency of the prices; requests without a price count nothing.
    """

    requests: int
    tokens: int
    cost: float


class Ledger:
    """A ledger that is open for writing; close it, or use it in a ``with`` statement.

    :param path: the file; made with its folder if there is none.
    :raises InputError: if the file is no ledger, is of a newer kind, or another process writes to it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = _lock(path)
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            # Enough against a killed process. Only a power cut may take the last replies back.
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_TABLES)
            self._check_format()
        except sqlite3.DatabaseError as error:
            self._lock.close()
            raise InputError(f"{path}: is not a ledger ({error}); name another file with --ledger") from error

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let others write to it."""
        self._db.close()
        self._lock.close()

    def find(self, key: str) -> LlmReply | None:
        """The reply to a request, or None if it never got one."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM requests WHERE key = ? AND reply IS NOT NULL", (key,)
        ).fetchone()
        return None if row is None else _reply(row)

    def record_reply(self, key: str, request: LlmRequest, model: str, reply: LlmReply, outcome: str) -> None:
        """Write down a reply, for good when this returns.

        :param outcome: what the reply turned out to be, such as ``written``, ``declined`` or ``unreadable``.
        """
        logprobs = None
        if reply.logprobs:
            logprobs = json.dumps([[choice.token, dict(choice.alternatives)] for choice in reply.logprobs])
        self._write(
            (
                *_who(key, request, model),
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
            )
        )

    def record_failure(self, key: str, request: LlmRequest, model: str, reason: str, attempts: int) -> None:
        """Write down that a request got no reply, and why."""
        nothing = (None, None, None, 0, 0, None, 0.0)
        self._write((*_who(key, request, model), reason, *nothing, attempts, time.time()))

    def spent(self) -> Spent:
        """What all requests have used so far, those of earlier prompts and models included."""
        row = self._db.execute(
            "SELECT count(*), coalesce(sum(prompt_tokens + completion_tokens), 0), coalesce(sum(cost), 0) "
            "FROM requests WHERE reply IS NOT NULL"
        ).fetchone()
        return Spent(*row)

    def remember(self, name: str, value: str) -> None:
        """Keep a fact of the run, such as what a server was found to be."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def recall(self, name: str) -> str | None:
        """A fact that was kept, or None."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def _write(self, values: tuple[object, ...]) -> None:
        marks = ", ".join("?" * len(values))
        self._db.execute(f"INSERT OR REPLACE INTO requests VALUES ({marks})", values)

    def _check_format(self) -> None:
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        if found > _FORMAT:
            raise InputError(
                f"{self.path}: was written by a newer version of this package; update it, or name another "
                "file with --ledger"
            )
        self._db.execute(f"PRAGMA user_version = {_FORMAT}")


@contextlib.contextmanager
def read_ledger(path: Path) -> Iterator[sqlite3.Connection]:
    """A ledger for reading only, also while a build writes to it.

    :raises InputError: if there is none, or it is not one.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such ledger; a build with --writer endpoint makes one")
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        db.execute("SELECT key FROM requests LIMIT 1")
        yield db
    except sqlite3.DatabaseError as error:
        raise InputError(f"{path}: is not a ledger ({error}); name the one of a build") from error
    finally:
        db.close()


def read_fact(path: Path, name: str) -> str | None:
    """A fact that a ledger keeps, read without writing to it; None where there is no such ledger or fact."""
    if not path.exists():
        return None
    with read_ledger(path) as db:
        row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def ledger_path(out: Path) -> Path:
    """Where the ledger of a build lies when nobody says: beside its folder, which is published whole."""
    folder = Path(os.path.realpath(out.expanduser()))
    return folder.with_name(folder.name + SUFFIX)


def _who(key: str, request: LlmRequest, model: str) -> tuple[str, ...]:
    parameters = json.dumps(request.parameters(), sort_keys=True)
    return (key, request.task, request.subject, request.prompt_version, model, parameters)


def _reply(row: tuple) -> LlmReply:
    choices = json.loads(row[-1]) if row[-1] else []
    return LlmReply(
        text=row[0],
        finish_reason=row[1],
        prompt_tokens=row[2],
        completion_tokens=row[3],
        seconds=row[4],
        attempts=row[5],
        cost=row[6],
        logprobs=tuple(TokenChoice(token, ways) for token, ways in choices),
    )


def _lock(path: Path) -> IO[str]:
    """A lock that ends with the process, however it ends.

    :raises InputError: if another process holds it, or the folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.with_name(path.name + ".lock").open("w")
    except OSError as error:
        raise InputError(
            f"{path}: cannot be made ({error.strerror}); name another file with --ledger"
        ) from error
    try:
        import fcntl
    except ImportError:  # Windows: nothing stops two builds from asking the same twice
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise InputError(
            f"{path}: another build is writing to this ledger; wait for it, or name another file with "
            "--ledger"
        ) from error
    return file
