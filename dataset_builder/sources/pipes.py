"""Sources that can be read only once, such as standard input: they are copied, since a build reads twice."""

from __future__ import annotations

import atexit
import shutil
import stat
import tempfile
from pathlib import Path

from dualview.cards.errors import InputError


def copy_if_pipe(path: Path) -> Path:
    """Return a path that can be read twice: that of a file itself, or that of a copy of a pipe.

    A copy has the pipe's name, such as ``stdin``, and is removed when the process ends.

    :raises InputError: if the path is a device or a socket, or a pipe cannot be copied.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return path  # its reader says what is wrong
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return path
    if not stat.S_ISFIFO(mode):
        raise InputError(f"{path}: is neither a file nor a pipe; give a file, or pipe one into this command")
    try:
        folder = Path(tempfile.mkdtemp(prefix="dualview-source-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        with path.open("rb") as pipe, (folder / path.name).open("wb") as copy:
            shutil.copyfileobj(pipe, copy)
    except OSError as error:
        raise InputError(f"{path}: cannot be copied ({error.strerror}); give it as a file") from error
    return folder / path.name
