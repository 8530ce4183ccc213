"""Cache of vectors, shared by all models of a server."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping

import numpy as np

#: Maximum number of vectors; about 60 MB at 384 dimensions.
SIZE = 40_000


class Memory:
    """LRU cache of vectors by key. Thread-safe."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._vectors: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._vectors)

    def recall(self, keys: Iterable[bytes]) -> dict[bytes, np.ndarray]:
        """Return the cached vectors of these keys."""
        with self._lock:
            known = {key: self._vectors[key] for key in keys if key in self._vectors}
            for key in known:
                self._vectors.move_to_end(key)
        return known

    def keep(self, vectors: Mapping[bytes, np.ndarray]) -> None:
        """Store vectors and drop the least recently used ones beyond the maximum size."""
        with self._lock:
            self._vectors.update(vectors)
            while len(self._vectors) > self._size:
                self._vectors.popitem(last=False)
