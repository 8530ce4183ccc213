"""Names of models and datasets: ids on the Hub, and local folders without their place on this machine.

A card and the facts beside it are published. An absolute path in them would tell everybody the user's name
and folders, so such a path is replaced by its last component.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path, PureWindowsPath

from huggingface_hub.utils import HFValidationError, validate_repo_id

# In `beir:/data/scifact` or `--dataset=/data/own` the path follows a prefix, which is longer than the letter
# of a drive. The `//` of an address is no path, except in `file://`.
_PREFIXED = re.compile(r"(?P<prefix>(?:[\w.-]{2,}[:=])*)(?:(?<=file:)//)?(?P<path>(?!//).+)", re.DOTALL)


def is_hub_id(name: str | None) -> bool:
    """Tell whether a name can be linked to the Hub: it has the form ``org/name``, and no such folder is here.

    The libraries look for a local folder of that name first, and so does this function.
    """
    if not name or name.count("/") != 1:
        return False
    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return not Path(name).exists()


def without_local_path(name: str) -> str:
    """Return a name for readers: of a path outside the working folder its last component.

    Names that are no path, and relative paths such as ``runs/quickstart/dataset``, stay as they are.
    """
    found = _PREFIXED.fullmatch(name)
    if found is None or not _leaves_the_working_folder(found["path"]):
        return name
    windows = "\\" in found["path"] and "/" not in found["path"]
    path = PureWindowsPath(found["path"]) if windows else Path(found["path"])
    return found["prefix"] + (path.name if path.name not in ("", "..") else "folder")


def command_without_local_paths(command: str) -> str:
    """Return a shell command for readers, with :func:`without_local_path` applied to each of its words."""
    try:
        words = shlex.split(command)
    except ValueError:  # no command: a quote is not closed
        words = command.split()
    shown = [without_local_path(word) for word in words]
    return command if shown == words else shlex.join(shown)


def _leaves_the_working_folder(path: str) -> bool:
    if "://" in path:
        return False
    parts = re.split(r"[/\\]", path)
    return path.startswith(("/", "~", "\\")) or ".." in parts or bool(re.match(r"[A-Za-z]:[/\\]", path))
