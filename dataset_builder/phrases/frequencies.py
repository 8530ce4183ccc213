"""Document frequencies of words and of pairs of words, in memory that does not grow with the corpus."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from dualview.dataset_builder.phrases.reading import SLOTS, ReadPassage

_MULTIPLIER = 1_000_003
# A word that stands in more passages than this share names nothing in particular.
_MOST_OF_CORPUS = 0.05
_FEWEST_MOST = 10


class Frequencies:
    """Number of passages with each word and each pair of neighbouring words.

    They are counted by hash in 2^21 places: two words of a million may share one and then count as more
    frequent than they are, which makes a phrase be passed over.

    :ivar passages: number of passages counted.
    """

    def __init__(self) -> None:
        self.passages = 0
        self._counts = np.zeros(SLOTS, dtype=np.uint32)

    def add(self, read: ReadPassage) -> None:
        """Count a passage."""
        self.passages += 1
        words = np.array(read.slots, dtype=np.int64)
        cased = np.array(read.cased_slots, dtype=np.int64)
        # Each place once a passage: numpy adds to a repeated place once.
        self._counts[np.concatenate([words, cased, _pairs(words)])] += 1

    def of_run(self, slots: Sequence[int]) -> int:
        """Number of passages, at most, with these words one after the other."""
        # It is asked of every candidate, and arrays take ten times as long for two or three words.
        count = self._counts.item
        if len(slots) < 3:
            return count((slots[0] * _MULTIPLIER ^ slots[1]) % SLOTS if len(slots) == 2 else slots[0])
        return min(count((one * _MULTIPLIER ^ other) % SLOTS) for one, other in pairwise(slots))

    def is_capitalised(self, slot: int, cased_slot: int) -> bool:
        """Tell whether a word is capitalised more often than not: one that is not is no name."""
        return 2 * self._counts.item(cased_slot) > self._counts.item(slot)

    def rarity(self, count: int) -> float:
        """Inverse document frequency of what is in so many passages: 0 for what is in all."""
        return math.log((self.passages + 1) / (min(count, self.passages) + 1))

    def is_common(self, count: int) -> bool:
        """Tell whether so many passages are a large part of the corpus."""
        return count > max(_FEWEST_MOST, _MOST_OF_CORPUS * self.passages)


def _pairs(words: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    pairs: np.ndarray[tuple[int], np.dtype[np.int64]] = (words[:-1] * _MULTIPLIER ^ words[1:]) % SLOTS
    return pairs
