"""Weights of datasets and sources, as repeated rows, without randomness."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from datasets import Dataset, DatasetDict

from dualview.cards.errors import InputError


def parse_weighted(name: str) -> tuple[str, float]:
    """Split ``NAME=WEIGHT``; a name without a weight has 1, and a folder may have '=' in its name.

    :raises InputError: if the weight is not a positive number.
    """
    before, equals, after = name.rpartition("=")
    if not equals or Path(name).exists():
        return name, 1.0
    try:
        weight = float(after)
    except ValueError:
        raise InputError(f"dataset {name}: {after!r} is no weight; write NAME or NAME=2") from None
    if not 0 < weight < float("inf"):
        raise InputError(f"dataset {name}: the weight must be positive")
    return before, weight


def share_budget(budget: int, weights: Sequence[float]) -> list[int]:
    """Divide samples in proportion to the weights; the first ones get the remainder of rounding."""
    if not budget:
        return [0] * len(weights)
    shares = [int(budget * weight / sum(weights)) for weight in weights]
    for place in range(budget - sum(shares)):
        shares[place] += 1
    return shares


def check_sources(weights: Mapping[str, float], datasets: Iterable[Dataset]) -> None:
    """Check that every source with a weight is in one of the datasets.

    :raises InputError: naming one that is not, and those that are.
    """
    there = {source for rows in datasets for source in rows.unique("source")} if weights else set()
    if unknown := sorted(set(weights) - there):
        raise InputError(
            f"source_weights: no rows of source {unknown[0]!r}; there are {', '.join(sorted(there))}"
        )


def without_left_out(splits: DatasetDict, weights: Mapping[str, float]) -> DatasetDict:
    """The splits without the rows of sources whose weight is 0; all of them where none is left out."""
    left_out = {source for source, weight in weights.items() if weight == 0}
    if not left_out:
        return splits
    return DatasetDict(
        {
            split: rows.select(
                [place for place, source in enumerate(rows["source"]) if source not in left_out]
            )
            for split, rows in splits.items()
        }
    )


def repeat_rows(rows: Dataset, weights: Mapping[str, float], default: float = 1.0) -> Dataset:
    """Repeat rows by the weight of their source: 2.5 is every row twice, and half of them once more.

    A hash chooses the rows of the fraction, the same ones every time.

    :param weights: by source; another source has the weight ``default``, and 0 leaves a source out.
    :raises InputError: if no row is left.
    """
    if not weights and default == 1:
        return rows
    places: list[int] = []
    for place, (source, query_id) in enumerate(zip(rows["source"], rows["query_id"], strict=True)):
        weight = weights.get(source, default)
        fraction = int.from_bytes(hashlib.sha256(f"{query_id}\x1f{place}".encode()).digest()[:6]) / 2**48
        places += [place] * (int(weight) + (fraction < weight % 1))
    if not places:
        raise InputError("the weights leave no rows to train on; raise them")
    return rows.select(places)
