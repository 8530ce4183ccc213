"""Which views of a dataset are trained on, at which number of samples: the method and its controls.

A view is a sample, as the paper counts (arXiv 2604.18845). Every mixture takes whole candidate sets, one
(original, reversed) pair of each, and differs from the others only in which views are asked about; the
passages that stand beside the positive are the same. So two mixtures of the same sets differ in what the
instructions say, and in nothing else.

=================== ============================================ ==================
mixture             views of a candidate set                     samples of a set
=================== ============================================ ==================
ins-orig            original                                     1
ins-dv, all-dv      original, reversed                           2
all-orig            original, bare query (its one positive)      2
tri-view            original, reversed, bare query (all answer)  3
paraphrase-control  original, paraphrase of the original         2
=================== ============================================ ==================

The paper's ``ins-dv`` and ``all-dv`` differ in their budgets (480,000 and 880,000): at one budget they are
the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from datasets import Dataset

from trainer.candidate_rows import RowPlan, candidate_rows
from trainer.errors import InputError


@dataclass(frozen=True)
class Mixture:
    """Which views of a candidate set go in.

    :param views: of :data:`trainer.candidate_rows.VIEWS`.
    :param neutral: whether the bare query is asked too, with all passages of the set relevant.
    """

    views: tuple[str, ...]
    neutral: bool = False

    @property
    def samples(self) -> int:
        """Samples that one candidate set gives."""
        return len(self.views) + self.neutral


MIXTURES = {
    "ins-orig": Mixture(("original",)),
    "ins-dv": Mixture(("original", "reversed")),
    "all-orig": Mixture(("original", "bare")),
    "all-dv": Mixture(("original", "reversed")),
    "tri-view": Mixture(("original", "reversed"), neutral=True),
    "paraphrase-control": Mixture(("original", "paraphrase")),
}

_NAMES = {
    "original": "original views",
    "reversed": "reversed views",
    "paraphrase": "paraphrase views",
    "bare": "bare queries",
}


def mix(
    rows: Dataset, name: str, budget: int, seed: int = 0, origin: str = "the dataset"
) -> tuple[Dataset, dict[str, int]]:
    """Take a mixture's training rows out of ``dual_view`` rows, the same ones whatever order those come in.

    :param rows: rows of the config ``dual_view``.
    :param name: one of :data:`MIXTURES`.
    :param budget: samples; 0 takes all. A remainder that gives no whole candidate set is left out.
    :param seed: chooses which candidate sets go in where the budget does not take all.
    :return: the training rows, one a candidate set, and the counts of what went in.
    :raises InputError: if there are too few candidate sets, saying how many there are.
    """
    mixture = MIXTURES[name]
    places = _one_pair_of_each_set(rows, seed, need_paraphrase="paraphrase" in mixture.views)
    wanted = budget // mixture.samples if budget else len(places)
    if budget and not wanted:
        raise InputError(f"budget is {budget}; mixture {name} needs at least {mixture.samples}")
    if wanted > len(places) or not places:
        having = " with a paraphrase" if "paraphrase" in mixture.views else ""
        raise InputError(
            f"mixture {name} at a budget of {budget:,} samples needs {wanted:,} candidate sets{having}; "
            f"{origin} has {len(places):,} in its train split, enough for "
            f"{len(places) * mixture.samples:,} samples"
        )
    chosen = rows.select(sorted(places[:wanted]))
    mixed = candidate_rows(chosen, RowPlan(pairs_per_row=1, views=mixture.views, neutral=mixture.neutral))
    counts = {"candidate sets": wanted, "queries": len(set(chosen["query_id"]))}
    counts.update({_NAMES[view]: wanted for view in mixture.views})
    if mixture.neutral:
        counts["neutral views"] = wanted
    counts["samples"] = wanted * mixture.samples
    return mixed, counts


def _one_pair_of_each_set(rows: Dataset, seed: int, need_paraphrase: bool) -> list[int]:
    """Places of one row a candidate set, in an order that the ids and the seed decide alone."""
    columns: list[Sequence[str | None]] = [rows["set_id"], rows["reversed_instruction"]]
    paraphrases = rows["paraphrased_instruction"] if "paraphrased_instruction" in rows.column_names else None
    best: dict[str, tuple[bytes, int]] = {}
    for place, (set_id, reversal) in enumerate(zip(*columns, strict=True)):
        if need_paraphrase and (paraphrases is None or not paraphrases[place]):
            continue
        key = _hash(seed, set_id, reversal)
        if set_id not in best or key < best[set_id][0]:
            best[str(set_id)] = (key, place)
    by_set = sorted(best, key=lambda set_id: _hash(seed, set_id))
    return [best[set_id][1] for set_id in by_set]


def _hash(*parts: object) -> bytes:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
