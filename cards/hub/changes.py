"""What a publish would change: the files here beside the files there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete

from dualview.cards.errors import HubError
from dualview.cards.hub.repo import RemoteFile

SHOWN_FILES = 12
_BLOCK = 1 << 20


@dataclass(frozen=True)
class LocalFile:
    """A file to publish.

    :param path: where it goes in the repository.
    :param source: where it is here, or its content.
    """

    path: str
    source: Path | bytes

    @cached_property
    def size(self) -> int:
        """Bytes."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    def equals(self, remote: RemoteFile | None) -> bool:
        """Whether the repository has it already."""
        if remote is None or remote.size != self.size:
            return False
        if remote.sha256:
            return self._digest(hashlib.sha256()) == remote.sha256
        # The hash by which git knows it is no safeguard, and none is meant here.
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
    """What one commit does.

    :param stale: paths that are there and no longer here.
    """

    added: tuple[LocalFile, ...]
    replaced: tuple[LocalFile, ...]
    stale: tuple[str, ...]
    kept: tuple[LocalFile, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.added or self.replaced or self.stale)

    @property
    def size(self) -> int:
        """Bytes to upload."""
        return sum(file.size for file in (*self.added, *self.replaced))

    def operations(self) -> list[CommitOperationAdd | CommitOperationDelete]:
        """The commit, for the client; made anew for each try, as a client marks what it has seen."""
        adds = [
            CommitOperationAdd(file.path, file.source if isinstance(file.source, bytes) else str(file.source))
            for file in (*self.added, *self.replaced)
        ]
        return [*adds, *(CommitOperationDelete(path, is_folder=False) for path in self.stale)]

    def lines(self) -> list[str]:
        """What it does, for a person."""
        shown = [f"  add      {file.path} ({readable(file.size)})" for file in self.added]
        shown += [f"  replace  {file.path} ({readable(file.size)})" for file in self.replaced]
        shown += [f"  delete   {path}" for path in self.stale]
        if len(shown) > SHOWN_FILES:
            shown[SHOWN_FILES:] = [f"  and {len(shown) - SHOWN_FILES} more"]
        if self.kept:
            same = sum(file.size for file in self.kept)
            shown.append(f"  keep     {count(len(self.kept), 'file')} as they are ({readable(same)})")
        return shown


def compare(
    files: Sequence[LocalFile], remote: Mapping[str, RemoteFile], owned: Sequence[str] = ()
) -> Change:
    """Say what must change so that the repository holds these files.

    :param owned: patterns of paths that belong to us: what matches, is there and not here, is deleted.
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
        if path not in here and any(fnmatch(path, pattern) for pattern in owned)
    ]
    return Change(tuple(added), tuple(replaced), tuple(stale), tuple(kept))


def files_in(folder: Path, left_out: Sequence[str] = ()) -> list[LocalFile]:
    """The files of a folder, without hidden ones and Python's caches.

    :param left_out: patterns of paths or names that stay here too.
    :raises HubError: if there is no such folder, or a file cannot be read.
    """
    if not folder.is_dir():
        raise HubError(f"{folder}: no such folder")
    found = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if any(part.startswith(".") or part == "__pycache__" for part in inside.parts):
            continue
        names = (inside.as_posix(), *inside.parts)
        if path.is_file() and not any(fnmatch(name, pattern) for name in names for pattern in left_out):
            found.append(LocalFile(inside.as_posix(), path))
    return found


def readable(size: int) -> str:
    """A number of bytes in a few digits."""
    amount, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{size} B" if unit == "B" else f"{amount:.1f} {unit}"


def count(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it is one."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
