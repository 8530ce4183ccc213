"""Cache of vectors, shared by all models of a server."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping

import numpy as np

#: Maximum number of vectors per dimension: room for the largest corpus under two models; 18 MB at 384.
SIZE = 12_000
#: Maximum size of the vectors of one dimension, in bytes, for models with long vectors.
MAX_BYTES = 32_000_000
#: Dimensions kept at a time: that of the base and the trained model, and those of second models.
MAX_DIMENSIONS = 3


class Memory:
    """LRU cache of vectors by key. Thread-safe.

    Vectors of the same dimension share one array. Small arrays of their own, kept while the memory around
    them is used for requests and released, would fragment the heap and let the process grow.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._shelves: OrderedDict[int, _Shelf] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return sum(len(shelf.rows) for shelf in self._shelves.values())

    def recall(self, keys: Iterable[bytes]) -> dict[bytes, np.ndarray]:
        """Return copies of the cached vectors of these keys."""
        known: dict[bytes, np.ndarray] = {}
        wanted = list(keys)
        with self._lock:
            for shelf in self._shelves.values():
                known |= shelf.recall(wanted)
        return known

    def keep(self, vectors: Mapping[bytes, np.ndarray]) -> None:
        """Store vectors and drop the least recently used ones beyond the maximum size."""
        with self._lock:
            for key, vector in vectors.items():
                self._shelf(len(vector)).keep(key, vector)

    def _shelf(self, dimension: int) -> _Shelf:
        shelf = self._shelves.get(dimension)
        if shelf is None:
            size = max(1, min(self._size, MAX_BYTES // (4 * dimension)))
            shelf = self._shelves[dimension] = _Shelf(size, dimension)
        self._shelves.move_to_end(dimension)
        while len(self._shelves) > MAX_DIMENSIONS:
            self._shelves.popitem(last=False)
        return shelf


class _Shelf:
    """Vectors of one dimension in the rows of one array, least recently used first."""

    def __init__(self, size: int, dimension: int) -> None:
        # Zeros that were never written to take no memory yet.
        self._vectors = np.zeros((size, dimension), dtype=np.float32)
        #: Row of each key.
        self.rows: OrderedDict[bytes, int] = OrderedDict()

    def recall(self, keys: Iterable[bytes]) -> dict[bytes, np.ndarray]:
        known = {key: self._vectors[self.rows[key]].copy() for key in keys if key in self.rows}
        for key in known:
            self.rows.move_to_end(key)
        return known

    def keep(self, key: bytes, vector: np.ndarray) -> None:
        row = self.rows.get(key)
        if row is None:
            full = len(self.rows) == len(self._vectors)
            row = self.rows.popitem(last=False)[1] if full else len(self.rows)
        self._vectors[row] = vector
        self.rows[key] = row
        self.rows.move_to_end(key)
