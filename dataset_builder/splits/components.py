"""Components of items that belong together, because they share a query or a passage.

Design:

- An item names its texts by 64-bit hashes. A *core* text cannot be taken from the item: its query, and the
  positive of its original instruction. Items that share a core text always belong together.
- Another shared passage joins two items only while what they join stays small. In a mined corpus a popular
  passage is a negative of thousands of queries; following all of them would give one component that is larger
  than any split. Such a passage is given to one split (see :mod:`dualview.dataset_builder.splits.plan`).
- An item may name its split. Such items are joined where they name the same one; a negative that two splits
  use joins nothing.
- Texts are kept in flat arrays, 13 bytes each, and sorted once.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Stands for the split of an item that names none.
NOT_FIXED = -1
#: What one shared negative may join: this many items, or this share of the corpus where that is more.
LARGEST_JOINED = 50
LARGEST_JOINED_SHARE = 0.02


class TextUses:
    """Uses of texts by items, gathered in one pass."""

    def __init__(self) -> None:
        self._hashes = array("q")
        self._items = array("i")
        self._core = array("b")

    def add(self, item: int, core: Iterable[int], others: Iterable[int]) -> None:
        """Add the texts of one item."""
        for is_core, hashes in ((1, core), (0, others)):
            for found in hashes:
                self._hashes.append(found)
                self._items.append(item)
                self._core.append(is_core)

    def shared(self) -> SharedTexts:
        """The texts that more than one item uses."""
        hashes = np.frombuffer(self._hashes, dtype=np.int64)
        items = np.frombuffer(self._items, dtype=np.int32)
        core = np.frombuffer(self._core, dtype=np.int8).astype(bool)
        # Core uses first: each is a neighbour of the next one then.
        order = np.lexsort((items, ~core, hashes))
        hashes, items, core = hashes[order], items[order], core[order]
        same = hashes[1:] == hashes[:-1]
        joins = same & (items[1:] != items[:-1])
        kept = np.isin(hashes, np.unique(hashes[1:][joins]))
        return SharedTexts(hashes[kept], items[kept], core[kept])


@dataclass(frozen=True)
class SharedTexts:
    """Uses of texts that several items use, ordered by text, core uses first, then by item."""

    hashes: NDArray[np.int64]
    items: NDArray[np.int32]
    core: NDArray[np.bool_]

    def edges(self, core: bool) -> Iterator[tuple[int, int]]:
        """Pairs of items that share a text; of both as a core text, or of at most one."""
        same = self.hashes[1:] == self.hashes[:-1]
        both = self.core[1:] & self.core[:-1]
        (places,) = np.nonzero(same & (both if core else ~both))
        return zip(self.items[places].tolist(), self.items[places + 1].tolist(), strict=True)


def find_components(count: int, shared: SharedTexts, fixed: NDArray[np.int8]) -> NDArray[np.int32]:
    """The component of each item: the lowest item in it.

    :param count: number of items.
    :param fixed: the split that each item names, as a place in ``SPLITS``; ``NOT_FIXED`` for most.
    :raises FixedApartError: if items that share a core text name different splits.
    """
    largest = max(LARGEST_JOINED, int(count * LARGEST_JOINED_SHARE))
    forest = _Forest(count, fixed)
    for left, right in shared.edges(core=True):
        if not forest.agree(left, right):
            raise FixedApartError(left, right)
        forest.join(left, right, largest=count)
    for left, right in shared.edges(core=False):
        if forest.agree(left, right):
            forest.join(left, right, largest=largest)
    return np.fromiter((forest.root(item) for item in range(count)), dtype=np.int32, count=count)


class FixedApartError(Exception):
    """Two items that belong together name different splits, by themselves or through others.

    :ivar items: their places in the sources.
    """

    def __init__(self, left: int, right: int) -> None:
        super().__init__(left, right)
        self.items = left, right


class _Forest:
    """Union-find whose roots are the lowest items, and that knows the fixed split of each tree."""

    def __init__(self, count: int, fixed: NDArray[np.int8]) -> None:
        self._parents = array("i", range(count))
        self._sizes = array("i", [1]) * count
        self._fixed = array("b", fixed.tobytes())

    def root(self, item: int) -> int:
        parents = self._parents
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = parents[item]
        return item

    def agree(self, left: int, right: int) -> bool:
        """Tell whether two trees name no two different splits."""
        named = {self._fixed[self.root(left)], self._fixed[self.root(right)]} - {NOT_FIXED}
        return len(named) < 2

    def join(self, left: int, right: int, largest: int) -> None:
        low, high = sorted((self.root(left), self.root(right)))
        if low != high and self._sizes[low] + self._sizes[high] <= largest:
            self._parents[high] = low
            self._fixed[low] = max(self._fixed[low], self._fixed[high])
            self._sizes[low] += self._sizes[high]
