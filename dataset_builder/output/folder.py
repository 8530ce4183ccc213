"""The folder of a dataset, which appears whole or not at all.

Design:

- A build writes into a temporary folder beside the target and renames it at the end. If it is stopped, the
  target stays as it was.
- An older dataset is replaced only if this builder wrote it, and only when the new one is ready.
- A place where this cannot work is refused before anything is asked or written.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.dataset_builder.output.staging import (
    find_replaced,
    is_built,
    make_staging,
    replaced_name,
)

_README = "README.md"
_FULL = (errno.ENOSPC, errno.EDQUOT)
# ``load_dataset`` takes these for a pattern, a path inside of an archive, or a variable of the environment.
_PATTERN = re.compile(r"[*?\[\]]|::|\$[\w{]")


@contextlib.contextmanager
def output_folder(target: Path, overwrite: bool) -> Iterator[Path]:
    """Give a folder to write into, which becomes the target when the block ends without an error.

    :param overwrite: replace a dataset of this builder at the target.
    :raises InputError: if the target holds something else, or cannot be written.
    """
    target = Path(os.path.realpath(expand_user(target)))
    _must_be_usable(target)
    with writing_to(target):
        made = _make_parents(target.parent)
    try:
        with writing_to(target):
            _restore(target)
            _must_be_free(target, overwrite)
            staging = make_staging(target)
        try:
            with writing_to(target):
                _keep_card(target, staging.path)
            yield staging.path
            with writing_to(target):
                staging.finish()
                _put_in_place(staging.path, target)
        finally:
            staging.release()
    finally:
        for folder in made:
            with contextlib.suppress(OSError):  # not empty: the build succeeded
                folder.rmdir()


def expand_user(target: Path) -> Path:
    """Replace a leading ``~`` by the home folder.

    :raises InputError: if there is no such user.
    """
    try:
        return target.expanduser()
    except RuntimeError as error:
        raise InputError(
            f"--out {target}: begins with ~ and names no user's home folder; give the whole path"
        ) from error


@contextlib.contextmanager
def writing_to(target: Path) -> Iterator[None]:
    """Turn the system's message about a failed write into a line with a remedy.

    :raises InputError: for any ``OSError``.
    """
    try:
        yield
    except OSError as error:
        # Arrow puts its own words around the system's.
        reason = os.strerror(error.errno) if error.errno else str(error)
        remedy = "free some space, or " if error.errno in _FULL else ""
        raise InputError(
            f"{target}: cannot be written ({reason}); {remedy}name another folder with --out"
        ) from error


def _must_be_usable(target: Path) -> None:
    if not target.name:
        raise InputError(f"--out {target}: is the root of the file system; name a folder below it")
    if any("\udc80" <= character <= "\udcff" for character in str(target)):
        raise InputError(
            f"--out {target}: load_dataset cannot read a folder whose path is not UTF-8 text; name another "
            "folder"
        )
    if os.path.ismount(target):
        raise InputError(
            f"--out {target}: is a mount point, which cannot be replaced as a whole; name a folder in it, "
            f"such as {target / 'dataset'}"
        )
    if found := _PATTERN.search(str(target)):
        raise InputError(
            f"--out {target}: load_dataset cannot read a folder with '{found[0]}' in its path; "
            "name another folder"
        )


def _make_parents(folder: Path) -> list[Path]:
    """Make a folder with its parents; return those that were missing, the innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _restore(target: Path) -> None:
    """Undo a replacement that was cut off between its two renames; remove what one left after them."""
    for folder in find_replaced(target):
        if target.exists():
            shutil.rmtree(folder)
        else:
            folder.rename(target)


def _must_be_free(target: Path, overwrite: bool) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{target}: is a file; name a folder with --out")
    if not any(target.iterdir()):
        return
    if not overwrite:
        raise InputError(f"{target}: is not empty; name another folder, or add --overwrite to replace it")
    if not is_built(target):
        raise InputError(
            f"{target}: holds something that this builder did not write; name another folder, or empty it"
        )


def _keep_card(target: Path, staging: Path) -> None:
    """Copy the old card: the user's own text in it is kept."""
    if (target / _README).is_file():
        shutil.copyfile(target / _README, staging / _README)


def _put_in_place(staging: Path, target: Path) -> None:
    if target.exists() and any(target.iterdir()):
        replaced = replaced_name(target)
        target.rename(replaced)
        staging.rename(target)
        shutil.rmtree(replaced)
    else:
        staging.rename(target)  # an empty folder is replaced in the same step
