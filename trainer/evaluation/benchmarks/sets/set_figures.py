"""Figures of candidate sets from their outcomes, what guessing gives, and counts in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import EvaluationSet, EvaluationView
from dualview.trainer.evaluation.benchmarks.sets.outcomes import SetOutcome
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import CorpusPlace

EXCLUSION = "exclusion"


def first_figures(view: EvaluationView) -> Iterator[str]:
    """Name the figures that a view's ranking of its source counts in."""
    yield from ("right_first", "violating_first", "mrr")
    if view.kind:
        yield "right_first_exclusions" if view.kind == EXCLUSION else "right_first_rest"


def first_value(figure: str, place: CorpusPlace) -> float:
    """Return what a view's place in its source counts in one of :func:`first_figures`."""
    if figure == "mrr":
        return place.reciprocal_rank
    return float(place.violating_first if figure == "violating_first" else place.right_first)


def add_outcome(figures: Figures, outcome: SetOutcome) -> None:
    """Add the values of one set to the figures of its source."""
    query_id = outcome.candidate_set.query_id
    figures.add("flip_accuracy", query_id, float(outcome.all_right))
    for view in outcome.views:
        figures.add("view_accuracy", query_id, float(view.right))
        if view.place is not None:
            for name in first_figures(view.view):
                figures.add(name, query_id, first_value(name, view.place))
        if view.margin is not None:
            figures.add("margin", query_id, view.margin)
        if view.flip is not None:
            figures.add("p_mrr", query_id, view.flip.p_mrr)
            figures.add("p_mrr_gained", query_id, view.flip.p_mrr_gained)


def chances_of_sets(
    sets: Iterable[EvaluationSet], passages: Mapping[str, int]
) -> dict[tuple[str, str], float]:
    """Return what guessing gives, by source and figure.

    Of n views of m passages, each alone is right once in m times, all of them once in m to the n; the right
    one of N passages is first once in N times.

    :param passages: N of each source.
    """
    chances: dict[tuple[str, str], list[float]] = {}
    for one in sets:
        wanted = len(set(one.positives))
        chances.setdefault((one.source, "flip_accuracy"), []).append(wanted ** -len(one.views))
        chances.setdefault((one.source, "view_accuracy"), []).extend([1 / wanted] * len(one.views))
        chances[one.source, "right_first"] = [1 / passages[one.source]]
    return {key: float(np.mean(values)) for key, values in chances.items()}


def count_in_words(sizes: Sequence[int]) -> str:
    """Count sets and instructions: "180 sets of 3 instructions".

    :param sizes: instructions of each set.
    """
    low, high = min(sizes), max(sizes)
    return f"{len(sizes):,} sets of {low if low == high else f'{low} to {high}'} instructions"
