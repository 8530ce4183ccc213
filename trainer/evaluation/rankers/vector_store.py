"""Vectors on disk, found by the hash of their text.

A store is a folder with two files that only grow: ``keys`` (16 bytes a vector) and ``vectors`` (a row each).
Vectors are written before their keys, so that a run cut off in between leaves nothing but a few unused rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from filelock import FileLock

_KEY_BYTES = 16


def text_key(text: str) -> bytes:
    """Hash a text to the key of its vector."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


class VectorStore:
    """Vectors of one model and one kind of text.

    :param folder: made if it is missing.
    :param dimension: of the vectors.
    :param half: store them in half precision, at half the space.
    """

    def __init__(self, folder: Path, dimension: int, half: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._keys_file, self._vectors_file = folder / "keys", folder / "vectors"
        self._lock = FileLock(str(folder / "lock"))
        self._dimension = dimension
        self._type = np.dtype(np.float16 if half else np.float32)
        self._rows: dict[bytes, int] = {}
        self._read_keys()

    def missing(self, keys: Sequence[bytes]) -> list[int]:
        """Return the places of keys that have no vector yet; a repeated key is given once."""
        first = {key: place for place, key in reversed(list(enumerate(keys))) if key not in self._rows}
        return sorted(first.values())

    def add(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Append vectors, (keys, dimension), of keys that have none."""
        with self._lock:
            self._read_keys()  # another process may have added some
            start = self._cut_unfinished()
            with self._vectors_file.open("ab") as file:
                file.write(np.ascontiguousarray(vectors, dtype=self._type).tobytes())
            with self._keys_file.open("ab") as file:
                file.write(b"".join(keys))
            for row, key in enumerate(keys, start=start):
                self._rows.setdefault(key, row)

    def rows(self, keys: Sequence[bytes]) -> np.ndarray:
        """Return the rows of these keys, all of which must be stored."""
        return np.array([self._rows[key] for key in keys], dtype=np.int64)

    def vectors(self) -> np.ndarray:
        """Return all vectors, (stored, dimension), as a memory map."""
        if not self._rows:
            return np.empty((0, self._dimension), dtype=self._type)
        stored = self._vectors_file.stat().st_size // (self._dimension * self._type.itemsize)
        return np.memmap(self._vectors_file, dtype=self._type, mode="r", shape=(stored, self._dimension))

    def _read_keys(self) -> None:
        raw = self._keys_file.read_bytes() if self._keys_file.exists() else b""
        for row in range(len(self._rows), len(raw) // _KEY_BYTES):
            self._rows.setdefault(raw[row * _KEY_BYTES : (row + 1) * _KEY_BYTES], row)

    def _cut_unfinished(self) -> int:
        """Cut what an interrupted run left beyond the last whole pair of key and vector; return the rows."""
        row_bytes = self._dimension * self._type.itemsize
        sizes = [
            file.stat().st_size if file.exists() else 0 for file in (self._keys_file, self._vectors_file)
        ]
        rows = min(sizes[0] // _KEY_BYTES, sizes[1] // row_bytes)
        for file, size, wanted in zip(
            (self._keys_file, self._vectors_file), sizes, (rows * _KEY_BYTES, rows * row_bytes), strict=True
        ):
            if size > wanted:
                with file.open("r+b") as opened:
                    opened.truncate(wanted)
        return rows
