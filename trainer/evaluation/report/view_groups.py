"""Figures of single instructions in groups: by their kind, their lever, and the style of their wording."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import EvaluationSet, EvaluationView
from dualview.trainer.evaluation.benchmarks.sets.outcomes import ViewOutcome
from dualview.trainer.evaluation.benchmarks.sets.set_figures import first_value
from dualview.trainer.evaluation.comparison.compare_models import ComparedSets
from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure, QueryValues, seed_of
from dualview.trainer.evaluation.report.figure_tables import figure_rows, most_frequent

#: Groups of a source, at most; the rest is put together.
SHOWN = 24
KIND_TITLE = "By kind of instruction"
LEVER_TITLE = "By lever: what the instruction turns on"
STYLE_TITLE = "By style of the instruction"
GROUP_HEADERS = ("Measured on", "Instruction", "Figure", "Views", "Chance")
#: Columns of a table of groups from this one on hold numbers.
FIRST_NUMBER = 3

# A set and the outcomes of one of its views, of the model first.
_Member = tuple[EvaluationSet, tuple[ViewOutcome, ...]]
_METRICS = ("right_first", "violating_first", "mrr", "view_accuracy")


def compare_kinds(sets: Iterable[ComparedSets]) -> list[ComparedFigure]:
    """Compare the instructions whose kind is known: exclusion, inclusion, both, other."""
    metrics = ("right_first", "violating_first", "view_accuracy")
    return compare_views(sets, lambda view: view.kind, metrics)


def compare_levers(sets: Iterable[ComparedSets]) -> list[ComparedFigure]:
    """Compare the instructions whose lever is in a group: price, date, place and others."""
    return compare_views(sets, lambda view: view.lever_group, ("right_first", "violating_first"))


def compare_styles(sets: Iterable[ComparedSets]) -> list[ComparedFigure]:
    """Compare the instructions whose style is known: plain, a question, an exclusion."""
    return compare_views(sets, lambda view: view.style, ("right_first", "view_accuracy"))


def compare_views(
    sets: Iterable[ComparedSets],
    group_of: Callable[[EvaluationView], str],
    metrics: Sequence[str] = _METRICS,
    shown: int = SHOWN,
) -> list[ComparedFigure]:
    """Compare groups of instructions, those of each source apart, the most frequent first.

    :param group_of: names the group of an instruction, such as its lever; an empty name leaves it out.
    :param metrics: some of right_first, violating_first, mrr and view_accuracy.
    :param shown: groups of a source, at most; the rest is put together.
    :return: figures whose detail is the group.
    """
    figures = []
    for compared in sets:
        groups: dict[str, dict[str, list[_Member]]] = {}
        for one, views in compared.views():
            if name := group_of(views[0].view):
                groups.setdefault(one.source, {}).setdefault(name, []).append((one, views))
        for source, of_source in groups.items():
            for name, members in most_frequent(of_source, shown):
                found = (_figure(compared, source, name, metric, members) for metric in metrics)
                figures += [figure for figure in found if figure is not None]
    return figures


def group_rows(figures: Sequence[ComparedFigure]) -> list[list[str]]:
    """Return the cells of one row a figure of :func:`compare_views`, under :data:`GROUP_HEADERS`."""
    return [
        [row[0], figure.detail, row[1], f"{len(figure.values.model) if figure.values else 0:,}", *row[3:]]
        for row, figure in zip(figure_rows(figures), figures, strict=True)
    ]


def _figure(
    compared: ComparedSets, source: str, name: str, metric: str, members: Sequence[_Member]
) -> ComparedFigure | None:
    """Compare one figure of a group; None where the model or all baselines have none."""
    outcomes = zip(*(views for _, views in members), strict=True)
    model, *baselines = [_values(metric, of_system) for of_system in outcomes]
    if model is None or (baselines and all(values is None for values in baselines)):
        return None
    query_ids = tuple(one.query_id for one, _ in members)
    first, *further = baselines or [None]
    values = QueryValues(query_ids, model, first, tuple(further))
    benchmark, passages = compared.benchmark, compared.benchmark.passages(source)
    chances = {
        "right_first": 1 / passages,
        "view_accuracy": float(np.mean([1 / len(set(one.positives)) for one, _ in members])),
    }
    return ComparedFigure(
        dataset=benchmark.name,
        split=benchmark.split,
        subset=source,
        metric=metric,
        comparison=values.resampled(seed_of(benchmark.name)).comparison(),
        values=values,
        chance=chances.get(metric),
        detail=name,
        passages=None if metric == "view_accuracy" else passages,
    )


def _values(metric: str, views: Iterable[ViewOutcome]) -> tuple[float, ...] | None:
    values = [_value(metric, view) for view in views]
    known = tuple(value for value in values if value is not None)
    return known if len(known) == len(values) else None


def _value(metric: str, view: ViewOutcome) -> float | None:
    """Return the value of a figure for one view; None where its source was not ranked."""
    if metric == "view_accuracy":
        return float(view.right)
    return None if view.place is None else first_value(metric, view.place)
