"""Accuracy of single views by the style of their instruction: plain, a question, an exclusion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dualview.trainer.evaluation.comparison.compare_models import ComparedSets
from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure, QueryValues, seed_of
from dualview.trainer.evaluation.report.figure_tables import figure_rows, most_frequent

#: Rows of a source, at most; the rest is put together.
SHOWN = 24
STYLE_TITLE = "Single views right, by style of the instruction"
STYLE_HEADERS = ("Measured on", "Instruction", "Views", "Chance", "Baseline", "Model", "Difference")

# Query, model right, baseline right (None without a baseline), passages to choose from.
_View = tuple[str, float, float | None, int]


def compare_styles(sets: Iterable[ComparedSets]) -> list[ComparedFigure]:
    """Compare the views whose style is known: a figure a source and style, the most frequent first.

    :return: figures whose detail is the style.
    """
    figures = []
    for compared in sets:
        groups: dict[str, dict[str, list[_View]]] = {}
        for one, view, base in compared.views():
            if view.view.style:
                of_style = groups.setdefault(one.source, {}).setdefault(view.view.style, [])
                right = float(base.right) if base else None
                of_style.append((one.query_id, float(view.right), right, len(set(one.positives))))
        figures += [
            _figure(compared, source, style, views)
            for source, styles in groups.items()
            for style, views in most_frequent(styles, SHOWN)
        ]
    return figures


def style_rows(figures: Sequence[ComparedFigure]) -> list[list[str]]:
    """Return the cells of one row a figure of :func:`compare_styles`, under :data:`STYLE_HEADERS`."""
    rows = figure_rows(figures)
    for row, figure in zip(rows, figures, strict=True):
        row[1:3] = [figure.detail, f"{len(figure.values.model) if figure.values else 0:,}"]
    return rows


def _figure(compared: ComparedSets, source: str, style: str, views: Sequence[_View]) -> ComparedFigure:
    query_ids, model, baseline, passages = zip(*views, strict=True)
    values = QueryValues(query_ids, model, None if baseline[0] is None else baseline)
    benchmark = compared.benchmark
    return ComparedFigure(
        dataset=benchmark.name,
        split=benchmark.split,
        subset=source,
        metric="view_accuracy",
        comparison=values.resampled(seed_of(benchmark.name)).comparison(),
        values=values,
        chance=float(np.mean([1 / count for count in passages])),
        detail=style,
    )
