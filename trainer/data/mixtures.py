"""Mixtures of views at a budget of samples: the method and its controls.

A view is a sample, as the paper counts (arXiv 2604.18845). Every mixture takes whole candidate sets, one
(original, reversed) pair of each, and differs from the others only in its views; the passages beside the
positive are the same. So two mixtures of the same sets differ in their instructions, and in nothing else.
A budget takes query after query, with all sets of each, so that sets of one query can share a training row:
their passages are encoded, and the bare query is asked, once.

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
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from datasets import Dataset

from dualview.cards.errors import InputError
from dualview.trainer.data.candidate_rows import RowPlan, candidate_rows


@dataclass(frozen=True)
class Mixture:
    """Views of a candidate set that are trained on.

    :param views: of :data:`dualview.trainer.data.candidate_rows.VIEWS`.
    :param neutral: whether the bare query is a view too, with all passages of the set relevant.
    """

    views: tuple[str, ...]
    neutral: bool = False

    @property
    def samples(self) -> int:
        """Samples of one candidate set."""
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
    rows: Dataset,
    name: str,
    budget: int,
    seed: int = 0,
    origin: str = "the dataset",
    pairs_per_row: int = 1,
    reversed_share: float = 0.5,
) -> tuple[Dataset, dict[str, int]]:
    """Make a mixture's training rows of ``dual_view`` rows, the same ones in whatever order those come.

    :param rows: rows of the config ``dual_view``.
    :param name: one of :data:`MIXTURES`.
    :param budget: samples; 0 takes all. A remainder that is no whole query is left out.
    :param seed: chooses the candidate sets where the budget does not take all.
    :param pairs_per_row: most candidate sets of a query in one training row.
    :param reversed_share: share of the reversed views among the original and reversed ones.
    :return: the training rows, and the counts of sets and views in them.
    :raises InputError: if there are too few candidate sets, with their number.
    """
    mixture = MIXTURES[name]
    plan = RowPlan(pairs_per_row, mixture.views, mixture.neutral, reversed_share)
    places = _one_pair_of_each_set(rows, seed, need_paraphrase="paraphrase" in mixture.views)
    if budget and budget < mixture.samples:
        raise InputError(f"budget is {budget}; mixture {name} needs at least {mixture.samples}")
    # Every set gives at least one sample, so no more sets than samples are needed.
    chosen = rows.select(places[:budget] if budget else places)
    mixed = candidate_rows(chosen, plan)
    samples = [len(asked) + asks for asked, asks in zip(mixed["instructions"], mixed["neutral"], strict=True)]
    if not places or (budget and sum(samples) + mixture.samples <= budget):
        having = " with a paraphrase" if "paraphrase" in mixture.views else ""
        raise InputError(
            f"mixture {name} at a budget of {budget:,} samples needs {budget // mixture.samples:,} candidate "
            f"sets{having}; {origin} has {len(places):,} in its train split, enough for "
            f"{sum(samples):,} samples"
        )
    if budget:
        kept = _whole_queries(mixed["query_id"], samples, budget)
        if not kept:
            raise InputError(f"budget is {budget}; the first query alone has more samples")
        mixed = mixed.select(range(kept))
        chosen = chosen.select(range(_first_place_after(chosen["query_id"], set(mixed["query_id"]))))
    return mixed, _counts(mixed, chosen, plan)


def _whole_queries(query_ids: Sequence[str], samples: Sequence[int], budget: int) -> int:
    """Count the training rows, those of each query together, that fit into the budget."""
    taken = kept = 0
    for place, (query_id, of_row) in enumerate(zip(query_ids, samples, strict=True)):
        taken += of_row
        if taken > budget:
            break
        if place + 1 == len(query_ids) or query_ids[place + 1] != query_id:
            kept = place + 1
    return kept


def _first_place_after(query_ids: Sequence[str], kept: set[str]) -> int:
    """Return the place after the rows of the kept queries, which come first."""
    return next((place for place, query_id in enumerate(query_ids) if query_id not in kept), len(query_ids))


def _counts(mixed: Dataset, chosen: Dataset, plan: RowPlan) -> dict[str, int]:
    """Count sets and views in the training rows ``mixed``, made of the published rows ``chosen``."""
    counts = {"candidate sets": len(chosen), "queries": len(set(chosen["query_id"]))}
    views = Counter(dict.fromkeys(plan.views, len(chosen)))
    if plan.reversed_share != 0.5:
        views = Counter(view for row in chosen for view in plan.views_of(row))
    counts.update({_NAMES[view]: views[view] for view in plan.views if view != "bare"})
    asked = [text for instructions in mixed["instructions"] for text in instructions]
    if "bare" in plan.views:
        counts[_NAMES["bare"]] = asked.count("")
    if plan.neutral:
        counts["neutral views"] = sum(mixed["neutral"])
    counts["samples"] = len(asked) + sum(mixed["neutral"])
    return counts


def _one_pair_of_each_set(rows: Dataset, seed: int, need_paraphrase: bool) -> list[int]:
    """Choose one row of each candidate set; the ids and the seed alone decide their order."""
    columns: list[Sequence[str | None]] = [rows["set_id"], rows["reversed_instruction"]]
    queries: Sequence[str] = rows["query_id"]
    paraphrases = rows["paraphrased_instruction"] if "paraphrased_instruction" in rows.column_names else None
    best: dict[str, tuple[bytes, int]] = {}
    for place, (set_id, reversal) in enumerate(zip(*columns, strict=True)):
        if need_paraphrase and (paraphrases is None or not paraphrases[place]):
            continue
        key = _hash(seed, set_id, reversal)
        if set_id not in best or key < best[set_id][0]:
            best[str(set_id)] = (key, place)
    places_by_set = {set_id: place for set_id, (_, place) in best.items()}
    in_order = sorted(
        places_by_set, key=lambda set_id: (_hash(seed, queries[places_by_set[set_id]]), _hash(seed, set_id))
    )
    return [places_by_set[set_id] for set_id in in_order]


def _hash(*parts: object) -> bytes:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
