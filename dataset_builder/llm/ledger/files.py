"""Creates and recognises the file of a ledger, and explains SQLite's errors."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dualview.cards.errors import InputError

FORMAT = 3
# Marks the file as a ledger, in SQLite's own header field for it: "DVLG". Format 1 had no mark.
_APPLICATION = 0x44564C47
_COLUMNS = """
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
"""
_TABLES = f"""
CREATE TABLE requests ({_COLUMNS});
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
# What each format added to the one before; a new file is made of all of them.
_UPGRADES = {
    2: "ALTER TABLE requests ADD COLUMN detail TEXT; ALTER TABLE requests ADD COLUMN checksum INTEGER;",
    3: "ALTER TABLE requests ADD COLUMN cached_tokens INTEGER;",
}
_MARK = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {FORMAT};"
_HEADER = 100
_MAGIC = b"SQLite format 3\0"
_LOCKED = "another program has locked it; close that program and give the same command again"
_DENIED = "cannot be opened or written to; check its permissions, or name another file with --ledger"
_PROBLEMS = {
    sqlite3.SQLITE_FULL: (
        "the disk is full, so nothing more is asked. What was kept before is safe: make room and give the "
        "same command again"
    ),
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _DENIED,
    sqlite3.SQLITE_CANTOPEN: _DENIED,
    sqlite3.SQLITE_IOERR: (
        "the disk cannot be read or written, or is full, so nothing more is asked. See to the disk and give "
        "the same command again"
    ),
}


def prepare_ledger(path: Path) -> None:
    """Create the file where there is none, and bring one of an earlier format to the present one.

    :raises InputError: if it is of a newer version, or cannot be made.
    """
    if path.exists() and path.stat().st_size:
        with explained(path), contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            (found,) = db.execute("PRAGMA user_version").fetchone()
            if found > FORMAT:
                raise InputError(
                    f"{path}: was written by a newer version of this package; update it, or name another "
                    "file with --ledger"
                )
            if found < FORMAT:
                db.executescript(f"BEGIN IMMEDIATE; {_upgrade_from(found)} COMMIT;")
        return
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_TABLES + _upgrade_from(1))
        content = db.serialize()
    try:
        _write_whole(path, content)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be made ({error.strerror}); name another file with --ledger"
        ) from error


def check_ledger(path: Path) -> None:
    """Check that a file is a ledger, without writing to it. A missing or empty file passes.

    :raises InputError: if it is something else.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{path}: is not a file; name another one with --ledger")
        if not found.st_size:
            return
        with path.open("rb") as file:
            head = file.read(_HEADER)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); name another file with --ledger"
        ) from error
    if not head.startswith(_MAGIC) or len(head) < _HEADER:
        raise InputError(f"{path}: is not a ledger, and is left as it is; name another file with --ledger")
    mark = int.from_bytes(head[68:72])
    if mark != _APPLICATION and (mark or not _has_our_tables(path)):
        raise InputError(
            f"{path}: is the database of another program, and is left as it is; name another file with "
            "--ledger"
        )


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into an :class:`InputError` of one line that names the file and the remedy."""
    try:
        yield
    except UnicodeError as error:  # names of damaged tables, in SQLite's own message
        raise damaged(path, "its tables cannot be read") from error
    except sqlite3.Error as error:
        # The lower byte is the kind of error, the rest a detail of it.
        kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        problem = _PROBLEMS.get(kind)
        if problem is None:
            raise damaged(path, str(error)) from error
        raise InputError(f"{path}: {problem} ({error})") from error


def damaged(path: Path, problem: str) -> InputError:
    """The error for a ledger that holds something that no build has written."""
    return InputError(
        f"{path}: is not a ledger, or a damaged one ({problem}); restore it from a copy, or name another "
        "file with --ledger"
    )


def _upgrade_from(found: int) -> str:
    """The statements that bring a file of a format to the present one."""
    return " ".join([*(step for number, step in _UPGRADES.items() if number > found), _MARK])


def _has_our_tables(path: Path) -> bool:
    """Recognise a ledger of format 1, which has no mark, by its tables."""
    # "immutable" leaves no file beside the database, but does not see what is in its log alone.
    for mode in ("ro&immutable=1", "ro"):
        uri = f"{path.resolve().as_uri()}?mode={mode}"
        with explained(path), contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
            found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = {name for (name,) in found}
            columns = {row[1] for row in db.execute("PRAGMA table_info(requests)")}
        if tables:
            ours = {line.split()[0] for line in _COLUMNS.strip().splitlines()}
            return {"requests", "facts"} <= tables and ours <= columns
    return False


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, and that is whole or not there."""
    target = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
