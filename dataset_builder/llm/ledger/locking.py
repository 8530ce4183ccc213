"""Locks a ledger for one process, by a file beside it."""

from __future__ import annotations

import os
from pathlib import Path

from dualview.cards.errors import InputError

_SUFFIX = ".dualview-lock"


class LedgerLock:
    """A lock that ends with the process, however it ends.

    :param path: the ledger; its folder is made if there is none.
    :raises InputError: if another process holds the lock, or the folder cannot be written to.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + _SUFFIX)
        self._is_new = True
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # A file that is there already is neither emptied nor removed: it may be somebody's own.
            try:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                self._file = os.open(self._path, os.O_RDONLY)
                self._is_new = False
        except OSError as error:
            raise InputError(
                f"{path}: cannot be made ({error.strerror}); name another file with --ledger"
            ) from error
        try:
            import fcntl
        except ImportError:  # Windows: nothing stops two builds from asking the same twice
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise InputError(
                f"{path}: another build is writing to this ledger; wait for it, or name another file with "
                "--ledger"
            ) from error

    def release(self) -> None:
        """Let others have the lock."""
        os.close(self._file)

    def discard(self) -> None:
        """Release the lock and remove its file, if it was made for it: there is no ledger to lock."""
        if self._is_new:
            self._path.unlink(missing_ok=True)
        self.release()
