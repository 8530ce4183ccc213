"""Figures by name, and their values query by query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class FigureKind:
    """Presentation of a figure.

    :param label: its name in tables.
    :param percent: shown x100; otherwise as it is, to three places.
    :param lower_is_better: a model improves where the figure falls.
    """

    label: str
    percent: bool = True
    lower_is_better: bool = False


FIGURES = {
    "right_first": FigureKind("right first"),
    "right_first_exclusions": FigureKind("right first, exclusions"),
    "right_first_rest": FigureKind("right first, the rest"),
    "violating_first": FigureKind("violating first (lower is better)", lower_is_better=True),
    "mrr": FigureKind("MRR"),
    "view_accuracy": FigureKind("right within the set"),
    "flip_accuracy": FigureKind("all right within the set"),
    "p_mrr": FigureKind("p-MRR (documents that lost relevance)"),
    "p_mrr_gained": FigureKind("mirror of p-MRR (documents that gained it)"),
    "margin": FigureKind("mean margin (similarity)", percent=False),
    "instructed_ndcg_at_10": FigureKind("nDCG@10 of the instructed queries"),
    "bare_query_ndcg_at_10": FigureKind("nDCG@10 of the bare queries"),
    "ndcg_at_10": FigureKind("nDCG@10"),
    "ndcg_at_5": FigureKind("nDCG@5"),
    "map_at_1000": FigureKind("MAP@1000"),
    "recall_at_100": FigureKind("Recall@100"),
    "mrr_at_10": FigureKind("MRR@10"),
    "followir_score": FigureKind("FollowIR Score"),
    "robustness_at_10": FigureKind("Robustness@10"),
    "infosearch_p_mrr": FigureKind("InfoSearch p-MRR (original to instructed)"),
    "sicr": FigureKind("SICR"),
    "wise": FigureKind("WISE"),
    "recall_at_1": FigureKind("R@1"),
    "recall_at_1_gap": FigureKind("R@1, wanted minus excluded"),
    "mrr_at_10_gap": FigureKind("MRR@10, wanted minus excluded"),
    "right_rank": FigureKind("right rank"),
}

#: Figures over the corpus of a source of candidate sets.
CORPUS_FIGURES = ("right_first", "right_first_exclusions", "right_first_rest", "violating_first", "mrr")


@dataclass
class Figures:
    """Values of some figures, each with the query it belongs to, which is the unit of resampling."""

    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    query_ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, figure: str, query_id: str, value: float) -> None:
        """Add one value."""
        self.values[figure].append(value)
        self.query_ids[figure].append(query_id)

    def add_all(self, figure: str, by_query: Mapping[str, float]) -> None:
        """Add a value for each query."""
        for query_id, value in by_query.items():
            self.add(figure, query_id, value)

    def mean(self, figure: str) -> float:
        """Average of a figure over its values."""
        return float(np.mean(self.values[figure]))
