"""Deals the components of a corpus out to the splits, and shared passages to one split each."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dualview.dataset_builder.schema import SPLITS
from dualview.dataset_builder.splits.components import NOT_FIXED, SharedTexts

TRAIN, VALIDATION, TEST = range(len(SPLITS))


def deal_components(
    components: NDArray[np.int32],
    queries: NDArray[np.int64],
    strata: NDArray[np.int32],
    fixed: NDArray[np.int8],
    shares: tuple[float, float],
    seed: int,
) -> NDArray[np.int8]:
    """The split of each item, as a place in ``SPLITS``.

    In each stratum, components are drawn by their queries and fill the test split, then validation; one that
    is larger than the room left there is for training. A component with an item that names its split goes
    there. Items that name one take no room: only those that are with them count as dealt.

    :param components: the lowest item of each item's component.
    :param queries: the hash of each item's query.
    :param strata: the stratum of each item; a component counts for that of its lowest item.
    :param fixed: the split that an item names, or ``NOT_FIXED``; the items of a component name at most one.
    :param shares: of the items, for test and for validation.
    """
    roots, inverse = np.unique(components, return_inverse=True)
    sizes = np.bincount(inverse[fixed == NOT_FIXED], minlength=len(roots))
    named = np.full(len(roots), NOT_FIXED, dtype=np.int8)
    np.maximum.at(named, inverse, fixed)
    by_stratum: dict[int, list[int]] = defaultdict(list)
    for place in np.flatnonzero(sizes).tolist():
        by_stratum[int(strata[roots[place]])].append(place)
    split_of = np.full(len(components), TRAIN, dtype=np.int8)
    split_of[roots[named != NOT_FIXED]] = named[named != NOT_FIXED]
    counts = {stratum: int(sizes[places].sum()) for stratum, places in sorted(by_stratum.items())}
    tests, validations = (_quotas(counts, share) for share in shares)
    for stratum, places in by_stratum.items():
        room = {TEST: tests[stratum], VALIDATION: validations[stratum]}
        for split in room:
            room[split] -= sum(int(sizes[place]) for place in places if named[place] == split)
        free = [place for place in places if named[place] == NOT_FIXED]
        for place in sorted(free, key=lambda place: _drawn(seed, int(queries[roots[place]]))):
            size = int(sizes[place])
            split = next((split for split in (TEST, VALIDATION) if room[split] >= size), TRAIN)
            if split != TRAIN:
                room[split] -= size
                split_of[roots[place]] = split
    return split_of[components]


def _quotas(counts: dict[int, int], share: float) -> dict[int, int]:
    """Number of items of each stratum to hold out, rounded so that the sum is right; at least one in all."""
    quotas, seen, given = {}, 0, 0
    for stratum, count in counts.items():
        seen += count
        quotas[stratum] = int(seen * share + 0.5) - given
        given += quotas[stratum]
    if share > 0 and given == 0 and seen >= len(SPLITS):
        quotas[max(counts, key=lambda stratum: counts[stratum])] = 1
    return quotas


def _drawn(seed: int, query: int) -> bytes:
    return hashlib.blake2b(f"{seed} {query}".encode(), digest_size=16).digest()


def find_owners(shared: SharedTexts, splits: NDArray[np.int8]) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """The texts that items of several splits use, and the split that each belongs to."""
    used_in = splits[shared.items]
    changes = np.flatnonzero(shared.hashes[1:] != shared.hashes[:-1]) + 1
    bounds = [0, *changes.tolist(), len(used_in)] if len(used_in) else [0]
    crossing, owners = [], []
    for start, end in pairwise(bounds):
        if (used_in[start:end] == used_in[start]).all():
            continue
        found = int(shared.hashes[start])
        # A core use cannot be given up, and comes first; else a use drawn by the text's own hash.
        chosen = start if shared.core[start] else start + found % (end - start)
        crossing.append(found)
        owners.append(used_in[chosen])
    return np.array(crossing, dtype=np.int64), np.array(owners, dtype=np.int8)
