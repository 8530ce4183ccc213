"""Train, validation and test: no query, no topic and no passage is in two of them.

Design:

- The sources are read once, for hashes only; items that share a query or a passage form a component, and a
  component goes to one split whole (:mod:`dualview.dataset_builder.splits.components`).
- Components are dealt out in an order fixed by the seed and their queries, separately for each domain of each
  source, so that also a small corpus has its shares and every domain is tested. Items that name their split
  go there with what belongs to them, and change nothing for the others.
- A passage that still is used in two splits, because it is a negative of too many queries, belongs to the
  split of one of its uses; the items of the other splits do without it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dualview.cards.errors import InputError
from dualview.dataset_builder.schema import SPLITS, Passage, SourceItem
from dualview.dataset_builder.splits.components import NOT_FIXED, FixedApartError, TextUses, find_components
from dualview.dataset_builder.splits.dealing import deal_components, find_owners
from dualview.dataset_builder.text_keys import exact_hash, passage_hash, text_hash, text_key


@dataclass(frozen=True)
class SplitShares:
    """The shares of the items that are held out, as fractions; the rest is for training."""

    test: float = 0.25
    validation: float = 0.1

    def __post_init__(self) -> None:
        if not (0 <= self.test < 1 and 0 <= self.validation < 1 and self.test + self.validation < 1):
            raise InputError(
                f"--test-share {self.test} and --validation-share {self.validation}: neither may be below 0, "
                "and together they must leave something to train on"
            )


@dataclass(frozen=True)
class SplitPlan:
    """The split of each item, by its place in the sources.

    :ivar queries: the hash of each item's query, to compare the second reading with the first.
    :ivar repeats: whether the item has the same content as an earlier one.
    :ivar crossing: hashes of passages used in two splits, ascending, and the split that each belongs to.
    """

    splits: NDArray[np.int8]
    queries: NDArray[np.int64]
    repeats: NDArray[np.bool_]
    crossing: NDArray[np.int64]
    owners: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.splits)

    def place(self, items: Iterable[SourceItem]) -> Iterator[PlacedItem]:
        """The items of the second reading, each with its split and without passages of another split.

        :raises InputError: if the sources give other items than the first time.
        """
        found = 0
        for place, item in enumerate(items):
            if place >= len(self) or text_hash(item.query) != self.queries[place]:
                break
            found += 1
            split = int(self.splits[place])
            kept = self._without_others(item, split)
            left_out = 0 if kept is item else len(item.all_passages()) - len(kept.all_passages())
            yield PlacedItem(SPLITS[split], kept, bool(self.repeats[place]), left_out)
        if found < len(self):
            raise InputError(
                "the sources changed between the two readings; do not change them during a build"
            )

    def _without_others(self, item: SourceItem, split: int) -> SourceItem:
        if not len(self.crossing):
            return item
        taken = {found for found in item.removable_passages() if not self._may_stay(found, split)}
        return item.without(taken) if taken else item

    def _may_stay(self, passage: Passage, split: int) -> bool:
        found = passage_hash(passage)
        place = int(np.searchsorted(self.crossing, found))
        return place == len(self.crossing) or self.crossing[place] != found or self.owners[place] == split


@dataclass(frozen=True)
class PlacedItem:
    """An item with its split.

    :ivar repeated: whether an earlier item has the same content.
    :ivar left_out: number of its passages that belong to another split.
    """

    split: str
    item: SourceItem
    repeated: bool = False
    left_out: int = 0


def plan_splits(items: Iterable[SourceItem], shares: SplitShares, seed: int) -> SplitPlan:
    """Read the items once and choose a split for each.

    :raises InputError: if there are none, or two with the same query name different splits.
    """
    uses, queries, contents, strata, named = TextUses(), array("q"), array("q"), array("i"), array("b")
    known_strata: dict[tuple[type, str, str | None], int] = {}
    for place, item in enumerate(items):
        core, others = _texts(item)
        uses.add(place, core, others)
        queries.append(core[0])
        contents.append(_content_hash(item, core, others))
        named.append(NOT_FIXED if item.split is None else SPLITS.index(item.split))
        strata.append(known_strata.setdefault((type(item), item.source, item.domain), len(known_strata)))
    if not queries:
        raise InputError("the sources hold no candidate set and no topic; name other files")
    hashes = np.frombuffer(queries, dtype=np.int64)
    shared = uses.shared()
    fixed = np.frombuffer(named, dtype=np.int8)
    try:
        components = find_components(len(hashes), shared, fixed)
    except FixedApartError as error:
        left, right = (place + 1 for place in error.items)
        raise InputError(
            f"items {left} and {right} of the sources, counted from 1, have the same query and belong to "
            "different splits; give them one 'split'"
        ) from error
    splits = deal_components(
        components,
        hashes,
        np.frombuffer(strata, dtype=np.int32),
        fixed,
        (shares.test, shares.validation),
        seed,
    )
    repeats = np.ones(len(hashes), dtype=bool)
    repeats[np.unique(np.frombuffer(contents, dtype=np.int64), return_index=True)[1]] = False
    crossing, owners = find_owners(shared, splits)
    return SplitPlan(splits, hashes, repeats, crossing, owners)


def _texts(item: SourceItem) -> tuple[list[int], list[int]]:
    """Hashes of what cannot be taken from the item, the query first, and of its other passages."""
    fixed = [passage_hash(passage) for passage in item.fixed_passages()]
    return [text_hash(item.query), *fixed], [passage_hash(passage) for passage in item.removable_passages()]


def _content_hash(item: SourceItem, core: Iterable[int], others: Iterable[int]) -> int:
    """Hash of an item's content: its kind, its instructions, its query and its passages.

    :param core: with ``others``, the hashes of its query and passages.
    """
    texts = [type(item).__name__, *map(text_key, item.recorded_texts())]
    return exact_hash("\0".join([*texts, *map(str, core), *map(str, others)]))
