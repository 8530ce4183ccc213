"""Temporary folders beside a target: with a random name and a mark, and removed only with that mark.

- A folder that a build writes into is called ``.NAME.building-RANDOM``. It holds a mark and is locked while
  the build lives, so that an unlocked one is known to be left over from a build that was killed.
- An older dataset that is being replaced is called ``.NAME.replaced-RANDOM`` between two renames. Its mark is
  its recipe: only this builder's datasets are replaced.
- A link is never followed, and a folder without the mark belongs to somebody else.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dualview.cards.errors import InputError

RECIPE = "recipe.json"
BUILDER = "dualview dataset_builder"
_MARK = ".dualview-building"


@dataclass(frozen=True)
class Staging:
    """A locked folder to write into.

    :ivar lock: an open handle on the folder, which holds the lock.
    """

    path: Path
    lock: int

    def release(self) -> None:
        """Unlock the folder, and remove it if it was not renamed."""
        if _is_marked(self.path):
            shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.lock)

    def finish(self) -> None:
        """Remove the mark: what is in the folder is a whole dataset."""
        (self.path / _MARK).unlink()


def make_staging(target: Path) -> Staging:
    """Make a locked folder beside the target; remove what a killed build left.

    :raises InputError: if another build writes to the same target.
    """
    with _locked(target.parent):
        for folder in _siblings(target, "building"):
            if _is_marked(folder):
                _remove_left_over(folder, target)
        path = target.with_name(f".{target.name}.building-{secrets.token_hex(4)}")
        try:
            path.mkdir()
            (path / _MARK).write_text("", encoding="utf-8")
            lock = os.open(path, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileExistsError:
            raise
        except BaseException:
            # Ctrl-C or a full disk: without the mark, no later build would remove the folder.
            shutil.rmtree(path, ignore_errors=True)
            raise
        return Staging(path, lock)


def replaced_name(target: Path) -> Path:
    """Return a new name for a dataset that is being replaced."""
    return target.with_name(f".{target.name}.replaced-{secrets.token_hex(4)}")


def find_replaced(target: Path) -> list[Path]:
    """Return datasets of this builder that a killed build left under a temporary name."""
    return [folder for folder in _siblings(target, "replaced") if is_built(folder)]


def is_built(folder: Path) -> bool:
    """Return whether this builder wrote the dataset in a folder."""
    try:
        recipe = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(recipe, dict) and recipe.get("builder") == BUILDER


def _siblings(target: Path, role: str) -> list[Path]:
    prefix = f".{target.name}.{role}-"
    if not target.parent.is_dir():
        return []
    found = (path for path in target.parent.iterdir() if path.name.startswith(prefix))
    return sorted(path for path in found if path.is_dir() and not path.is_symlink())


def _is_marked(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink() and (folder / _MARK).is_file()


def _remove_left_over(folder: Path, target: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError as error:
        raise InputError(
            f"{target}: another build is writing to it ({folder}); wait for it, or name another folder "
            "with --out"
        ) from error
    finally:
        os.close(handle)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other builds out for the moment between looking for their folders and making one's own."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
