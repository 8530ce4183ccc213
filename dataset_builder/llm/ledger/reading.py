"""Finds a ledger and reads it, also while a build writes to it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.ledger.files import explained

SUFFIX = ".ledger.sqlite"


@contextlib.contextmanager
def read_ledger(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a ledger for reading only.

    :raises InputError: if there is none, it is not one, or it is damaged.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such ledger; a build with --writer endpoint makes one")
    uri = f"{path.resolve().as_uri()}?mode=ro"
    with explained(path), contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
        db.execute("SELECT key FROM requests LIMIT 1")
        yield db


def read_fact(path: Path, name: str) -> str | None:
    """Read a fact that a ledger keeps; None where there is no such ledger or fact."""
    if not path.exists():
        return None
    with read_ledger(path) as db:
        row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def ledger_path(out: Path) -> Path:
    """The default ledger of a build: beside its folder, since the folder is published whole."""
    folder = Path(os.path.realpath(out.expanduser()))
    return folder.with_name(folder.name + SUFFIX)
