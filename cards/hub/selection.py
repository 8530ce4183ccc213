"""Selects the files of a folder that are published; all other files stay on this machine.

Rules:

- A file is published if it belongs to the model, dataset or Space, if the card links to it, or if the user
  names it with ``--include``.
- Hidden files, caches, logs, pickles, and files named like keys, tokens or databases are never published.
- A link that leaves the folder ends the publish: it could lead to any file of this machine. The code that
  a Space of this project shares with the trainer or with another Space is the only exception.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from dualview.cards.errors import HubError
from dualview.cards.hub.changes import LocalFile

# Folders of logs, caches and installed packages.
_NEVER_FOLDERS = frozenset({"__pycache__", "wandb", "mlruns", "venv", "node_modules", "site-packages"})
# Compared with names in lower case. The builder's ledgers are SQLite files.
_NEVER_FILES = (
    "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk", "id_rsa*", "id_dsa*",
    "id_ecdsa*", "id_ed25519*", "*.env", "token", "token.*", "tokens.*", "*_token", "*_token.*", "*-token.*",
    "*.token", "apikey*", "api_key*", "api-key*", "*credential*", "*password*", "secret*", "*_secret*",
    "*-secret*", "*.sqlite", "*.sqlite3", "*.sqlite-*", "*.db", "*ledger*",
)  # fmt: skip
_PICKLES = ("*.pkl", "*.pickle", "*.pt", "*.pth", "*.ckpt", "*.joblib", "*.dill")
# Names say nothing about the content of code and text, such as a module `token.py`.
_NAMED_FREELY = (".py", ".js", ".css", ".html", ".md", ".jinja", ".safetensors", ".parquet")
_LINK = re.compile(r"\]\(<?([^)<>\s:?#]+)(?=[)>\s?#])|(?:src|href)=[\"']([^\"':?#]+)(?=[\"'?#])")


@dataclass(frozen=True)
class Selection:
    """Files of a folder, by what happens to them. Paths are relative to the folder, with ``/``.

    :param files: to be published, in the order of their paths.
    :param staying: not published unless ``--include`` names them.
    :param never: never published; folders end with ``/``.
    """

    files: tuple[LocalFile, ...]
    staying: tuple[str, ...]
    never: tuple[str, ...]

    @property
    def paths(self) -> frozenset[str]:
        """Paths of the files to be published."""
        return frozenset(file.path for file in self.files)


def select_files(
    folder: Path,
    belongs: Callable[[str], bool],
    include: Sequence[str] = (),
    public_code: Sequence[Path] = (),
) -> Selection:
    """Select the files of a folder that are published.

    :param belongs: tells whether the file with this path belongs to the model, dataset or Space.
    :param include: patterns of further files; a pattern may also name a folder.
    :param public_code: folders outside; links to Python files in them are published as copies.
    :raises HubError: if there is no such folder, a link leaves it, a pattern matches no file, or a pattern
        matches a file that is never published.
    """
    found, never = walk(folder, public_code)
    for pattern in include:
        for path in never:
            if _is_included(path, pattern) and not _is_hidden(path):
                raise HubError(
                    f"{folder / path}: is never published, because its name is that of a key, a log, a "
                    f"database or a pickle; narrow --include {pattern}, or move the file away"
                )
        if not any(_is_included(path, pattern) for path in found):
            raise HubError(f"{folder}: no file matches --include {pattern}; correct the pattern")
    files, staying = [], []
    for path in found:
        if belongs(path) or any(_is_included(path, pattern) for pattern in include):
            files.append(LocalFile(path, folder / path))
        else:
            staying.append(path)
    return Selection(tuple(files), tuple(staying), tuple(never))


def walk(folder: Path, public_code: Sequence[Path] = ()) -> tuple[list[str], list[str]]:
    """List the files of a folder that may be published, and the files and folders that never are.

    :param public_code: as in :func:`select_files`.

    :raises HubError: if there is no such folder, a folder cannot be read, or a link leaves the folder.
    """
    if not folder.is_dir():
        raise HubError(f"{folder}: no such folder")
    found: list[str] = []
    never: list[str] = []
    for current, folders, names in os.walk(folder, onerror=_unreadable):
        inside = Path(current).relative_to(folder)
        for name in sorted(folders):
            path = (inside / name).as_posix()
            if name.startswith(".") or name in _NEVER_FOLDERS:
                never.append(f"{path}/")
                folders.remove(name)
            elif (folder / path).is_symlink():
                _check_link(folder, path, ())
                never.append(f"{path}/")
                folders.remove(name)
        for name in sorted(names):
            path = (inside / name).as_posix()
            if _is_never_published(name):
                never.append(path)
                continue
            if (folder / path).is_symlink():
                _check_link(folder, path, public_code)
            (found if (folder / path).is_file() and _is_utf8(path) else never).append(path)
    return sorted(found), sorted(never)


def linked_files(card: str) -> frozenset[str]:
    """Return the relative paths that a card links to, such as a picture."""
    targets = (one or other for one, other in _LINK.findall(card))
    return frozenset(str(PurePosixPath(target)) for target in targets if not target.startswith("/"))


def _is_never_published(name: str) -> bool:
    lower = name.lower()
    if lower.startswith(".") or any(fnmatchcase(lower, pattern) for pattern in _PICKLES):
        return True
    return not lower.endswith(_NAMED_FREELY) and any(fnmatchcase(lower, pattern) for pattern in _NEVER_FILES)


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(path).parts)


def _is_included(path: str, pattern: str) -> bool:
    pattern = pattern.removeprefix("./").rstrip("/")
    return fnmatchcase(path.rstrip("/"), pattern) or path.startswith(f"{pattern}/")


def _is_utf8(path: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in path)


def _check_link(folder: Path, path: str, public_code: Sequence[Path]) -> None:
    """:raises HubError: if the link leads out of the folder."""
    target = Path(os.path.realpath(folder / path))
    if target.is_relative_to(os.path.realpath(folder)):
        return
    if target.suffix == ".py" and any(target.is_relative_to(os.path.realpath(code)) for code in public_code):
        return
    raise HubError(
        f"{folder / path}: is a link that leaves the folder; replace it with a copy, or move it away"
    )


def _unreadable(error: OSError) -> None:
    raise HubError(f"{error.filename}: cannot be read ({error.strerror}); change its permissions") from error
