"""A new folder that appears whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dualview.cards.errors import InputError


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """Give a folder to write into, which becomes ``out`` when the block ends without an error.

    :param out: a folder that is absent or empty.
    :raises InputError: if the folder exists and is not empty, or cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: already exists; give an empty or a new folder")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # With a random name: nothing of the user's is removed with it.
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
            made = Path(scratch) / "made"
            made.mkdir()
            yield made
            if out.is_dir():
                out.rmdir()
            made.rename(out)
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror}); choose another folder") from error
