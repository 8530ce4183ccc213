"""Paired accuracy over two and more views: NevIR's figure, our flip accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dualview.trainer.evaluation.metrics.ranks import Run, Scores, ranks_of, scores_of


@dataclass(frozen=True)
class PairedSet:
    """The views of one candidate set: the query of each (its key in a run) and the document that it wants.

    :param documents: all documents of the set; empty for those that the views want.
    """

    queries: tuple[str, ...]
    positives: tuple[str, ...]
    documents: tuple[str, ...] = ()

    def rivals(self, positive: str) -> list[str]:
        """Return the documents that a view must rank below its own."""
        return [docid for docid in dict.fromkeys(self.documents or self.positives) if docid != positive]


def view_is_right(scores: Scores, positive: str, rivals: Sequence[str]) -> bool:
    """Tell whether a view ranks its positive above every rival.

    A document without a score is ranked below all that have one; without a score the positive never wins.
    """
    if positive not in scores:
        return False
    return bool(np.all(ranks_of(scores, [positive]) < ranks_of(scores, rivals)))


def paired_accuracy_by_set(run: Run, sets: Mapping[str, PairedSet]) -> dict[str, float]:
    """Return 1 for each set whose views are *all* right, else 0 (arXiv 2305.07614; two views: chance is 25%).

    mteb gives the same for two views when the ranking holds no document outside the set.

    :raises MissingQueryError: if a view's query is absent from the run.
    """
    return {
        name: float(
            all(
                view_is_right(scores_of(run, query_id), positive, one.rivals(positive))
                for query_id, positive in zip(one.queries, one.positives, strict=True)
            )
        )
        for name, one in sets.items()
    }
