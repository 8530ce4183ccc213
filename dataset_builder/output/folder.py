"""The folder of a dataset appears whole or not at all.

Design:

- A build writes into a hidden folder beside the target and renames it at the end. If it is stopped, the
  target stays as it was.
- That hidden folder is locked while a build lives. One that is not locked was left by a build that was
  killed: the next build empties it.
- An older dataset is replaced only if this builder wrote it, and only when the new one is ready.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from dualview.cards.errors import InputError

RECIPE = "recipe.json"
BUILDER = "dualview dataset_builder"
_README = "README.md"


@contextlib.contextmanager
def output_folder(target: Path, overwrite: bool) -> Iterator[Path]:
    """A folder to write into, which becomes the target when the block ends without an error.

    :param overwrite: whether a dataset of this builder at the target may be replaced.
    :raises InputError: if the target holds something else, or cannot be written.
    """
    target = Path(os.path.realpath(target.expanduser()))
    staging = target.with_name(f".{target.name}.building")
    replaced = target.with_name(f".{target.name}.replaced")
    with writing_to(target):
        made = _make_parents(target.parent)
    try:
        with writing_to(target):
            _restore(target, replaced)
            _must_be_free(target, overwrite)
            lock = _lock(staging)
        try:
            with writing_to(target):
                _keep_card(target, staging)
            yield staging
            with writing_to(target):
                _put_in_place(staging, target, replaced)
        finally:
            if _is_at(lock, staging):
                shutil.rmtree(staging, ignore_errors=True)
            os.close(lock)
    finally:
        for folder in made:
            with contextlib.suppress(OSError):  # not empty: the build succeeded
                folder.rmdir()


@contextlib.contextmanager
def writing_to(target: Path) -> Iterator[None]:
    """Turn the system's message about a failed write into a line with a remedy.

    :raises InputError: for any ``OSError``.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{target}: cannot be written ({reason}); name another folder with --out") from error


def _make_parents(folder: Path) -> list[Path]:
    """Make a folder with its parents; those that were missing, the innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _restore(target: Path, replaced: Path) -> None:
    """Finish or undo a replacement that was cut off between its two renames."""
    if replaced.exists():
        if target.exists():
            shutil.rmtree(replaced)
        else:
            replaced.rename(target)


def _must_be_free(target: Path, overwrite: bool) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{target}: is a file; name a folder with --out")
    if not any(target.iterdir()):
        return
    if not overwrite:
        raise InputError(f"{target}: is not empty; name another folder, or add --overwrite to replace it")
    if not _is_ours(target):
        raise InputError(
            f"{target}: holds something that this builder did not write; name another folder, or empty it"
        )


def _is_ours(folder: Path) -> bool:
    try:
        recipe = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(recipe, dict) and recipe.get("builder") == BUILDER


def _lock(staging: Path) -> int:
    """Make an empty folder that belongs to this process until the returned handle is closed."""
    while True:
        staging.mkdir(exist_ok=True)
        handle = os.open(staging, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise InputError(
                f"{staging}: another build is writing to the same place; wait for it, or name another folder "
                "with --out"
            ) from error
        if _is_at(handle, staging):
            break
        os.close(handle)  # between making and locking, another build renamed or removed it
    for left_over in staging.iterdir():
        shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
    return handle


def _is_at(handle: int, path: Path) -> bool:
    """Tell whether an open folder is still the one at the path."""
    try:
        return path.stat().st_ino == os.fstat(handle).st_ino
    except FileNotFoundError:
        return False


def _keep_card(target: Path, staging: Path) -> None:
    """Copy the old card: the user's own text in it is kept."""
    if (target / _README).is_file():
        shutil.copyfile(target / _README, staging / _README)


def _put_in_place(staging: Path, target: Path, replaced: Path) -> None:
    if target.exists() and any(target.iterdir()):
        target.rename(replaced)
        staging.rename(target)
        shutil.rmtree(replaced)
    else:
        staging.rename(target)  # an empty folder is replaced in the same step
