"""Checks the written rows: no query and no passage is in two splits."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dualview.dataset_builder.schema import SPLITS
from dualview.dataset_builder.text_keys import text_hash

_QUERIES, _PASSAGES = "queries", "passages"
_PASSAGE_COLUMNS = ("positive", "reversed_positive")
_PASSAGE_LISTS = ("other_instruction_negatives", "hard_negatives", "positives", "texts")
_FIRST_SWEEP = 1_000_000
# The rows of an item, which come one after the other, hold the same texts.
_hash = lru_cache(maxsize=256)(text_hash)


class LeakCheck:
    """Gathers hashes of what is written to each split, 8 bytes a text, and compares them at the end."""

    def __init__(self) -> None:
        self._hashes = {(split, kind): _Hashes() for split in SPLITS for kind in (_QUERIES, _PASSAGES)}

    def add(self, split: str, row: Mapping[str, Any]) -> None:
        """Note the query and the passages of a row of any config that has an id for its query."""
        self._hashes[split, _QUERIES].add([_hash(row["query"])])
        passages = [row[name] for name in _PASSAGE_COLUMNS if row.get(name)]
        for name in _PASSAGE_LISTS:
            passages += row.get(name, ())
        self._hashes[split, _PASSAGES].add([_hash(passage["text"]) for passage in passages])

    def count(self) -> dict[str, int]:
        """Number of queries and passages that are in more than one split."""
        return {kind: self._count(kind) for kind in (_QUERIES, _PASSAGES)}

    def _count(self, kind: str) -> int:
        found = [self._hashes[split, kind].different() for split in SPLITS]
        shared = [np.intersect1d(left, right, assume_unique=True) for left, right in combinations(found, 2)]
        return len(np.unique(np.concatenate(shared)))


class _Hashes:
    """Distinct numbers, in a tenth of the memory of a set: equal ones are removed from time to time."""

    def __init__(self) -> None:
        self._found = array("q")
        self._most = _FIRST_SWEEP

    def add(self, hashes: Iterable[int]) -> None:
        self._found.extend(hashes)
        if len(self._found) > self._most:
            self._found = array("q", self.different().tobytes())
            self._most = max(_FIRST_SWEEP, 2 * len(self._found))

    def different(self) -> NDArray[np.int64]:
        return np.unique(np.frombuffer(self._found, dtype=np.int64))
