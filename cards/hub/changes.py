"""Differences between local files and those of a repository, as one commit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete

from dualview.cards.hub.repo import RemoteFile

_SHOWN_FILES = 12
_BLOCK = 1 << 20


@dataclass(frozen=True)
class LocalFile:
    """A file to publish.

    :param path: its path in the repository.
    :param source: its path on this machine, or its content.
    """

    path: str
    source: Path | bytes

    @cached_property
    def size(self) -> int:
        """Size in bytes."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    def equals(self, remote: RemoteFile | None) -> bool:
        """Tell whether the repository has the same content already."""
        if remote is None or remote.size != self.size:
            return False
        if remote.sha256:
            return self._digest(hashlib.sha256()) == remote.sha256
        # Git identifies small files by this hash; it is not used for security.
        start = b"blob %d\0" % self.size
        return self._digest(hashlib.sha1(start, usedforsecurity=False)) == remote.oid

    def _digest(self, digest: hashlib._Hash) -> str:
        if isinstance(self.source, bytes):
            digest.update(self.source)
            return digest.hexdigest()
        with self.source.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()


@dataclass(frozen=True)
class Change:
    """Content of one commit.

    :param stale: paths in the repository that are to be deleted.
    """

    added: tuple[LocalFile, ...]
    replaced: tuple[LocalFile, ...]
    stale: tuple[str, ...]
    kept: tuple[LocalFile, ...]

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to commit."""
        return not (self.added or self.replaced or self.stale)

    @property
    def size(self) -> int:
        """Bytes to upload."""
        return sum(file.size for file in (*self.added, *self.replaced))

    def operations(self) -> list[CommitOperationAdd | CommitOperationDelete]:
        """Return the commit for the client; each try needs new objects, because a client changes them."""
        adds = [
            CommitOperationAdd(file.path, file.source if isinstance(file.source, bytes) else str(file.source))
            for file in (*self.added, *self.replaced)
        ]
        return [*adds, *(CommitOperationDelete(path, is_folder=False) for path in self.stale)]

    def lines(self, every_file: bool = False) -> list[str]:
        """Describe the commit for the user.

        :param every_file: list all files, also those that do not change.
        """
        shown = [f"  add      {file.path} ({readable(file.size)})" for file in self.added]
        shown += [f"  replace  {file.path} ({readable(file.size)})" for file in self.replaced]
        shown += [f"  delete   {path}" for path in self.stale]
        if every_file:
            return [*shown, *(f"  keep     {file.path} ({readable(file.size)})" for file in self.kept)]
        if len(shown) > _SHOWN_FILES:
            shown[_SHOWN_FILES:] = [f"  and {len(shown) - _SHOWN_FILES} more"]
        if self.kept:
            same = sum(file.size for file in self.kept)
            shown.append(f"  keep     {count(len(self.kept), 'file')} as they are ({readable(same)})")
        return shown


def compare(
    files: Sequence[LocalFile], remote: Mapping[str, RemoteFile], owned: Sequence[str] = ()
) -> Change:
    """Return the change after which the repository holds these files.

    :param owned: patterns of paths that belong to this project: files of the repository that match one of
        them and are not among the local files are deleted.
    """
    added, replaced, kept = [], [], []
    for file in sorted(files, key=lambda file: file.path):
        if file.equals(remote.get(file.path)):
            kept.append(file)
        elif file.path in remote:
            replaced.append(file)
        else:
            added.append(file)
    here = {file.path for file in files}
    stale = [
        path
        for path in sorted(remote)
        if path not in here and any(fnmatchcase(path, pattern) for pattern in owned)
    ]
    return Change(tuple(added), tuple(replaced), tuple(stale), tuple(kept))


def readable(size: int) -> str:
    """Return a number of bytes with a unit, such as ``1.2 MB``."""
    amount, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{size} B" if unit == "B" else f"{amount:.1f} {unit}"


def count(number: int, noun: str) -> str:
    """Return a number with its noun in singular or plural."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
