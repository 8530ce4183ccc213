"""Content on disk under its own hash: git's for small files, SHA-256 for large ones."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path


def git_hash(content: bytes) -> str:
    """Return git's hash of the content, which is the Hub's ``oid`` of a small file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def pointer(sha256: str, size: int) -> bytes:
    """Return the pointer that git holds instead of a large file."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()


class Blobs:
    """:param folder: the folder of the content; created if it is missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, oid: str) -> Path:
        return self.folder / oid

    def size(self, oid: str) -> int | None:
        """Return the size of the content in bytes, or None if it never arrived."""
        path = self.path(oid)
        return path.stat().st_size if path.exists() else None

    def put_small(self, content: bytes) -> str:
        oid = git_hash(content)
        self._place(oid, content)
        return oid

    async def put_large(self, oid: str, chunks: AsyncIterator[bytes]) -> int:
        """Store the content if its hash is the announced one, and return its size in bytes.

        :raises ValueError: if it is not.
        """
        digest = hashlib.sha256()
        size = 0
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
            try:
                async for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                if digest.hexdigest() != oid:
                    raise ValueError(f"content of {oid} has another hash")
                os.replace(file.name, self.path(oid))  # noqa: PTH105 - the temporary file has no Path
            except BaseException:
                Path(file.name).unlink()
                raise
        return size

    def read(self, oid: str, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` up to and without ``end``."""
        with self.path(oid).open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def _place(self, oid: str, content: bytes) -> None:
        if not self.path(oid).exists():
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
                file.write(content)
            Path(file.name).replace(self.path(oid))
