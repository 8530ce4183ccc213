"""What leads a report: its title, and how often the right passage is first, source by source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure

#: What leads, the first that was measured: over the corpus of a source, otherwise within the sets.
HEADLINES = ("right_first", "flip_accuracy")


def title_of(names: Sequence[str], escaped: Callable[[str], str] = str) -> str:
    """Name the model and its baselines: "ours against base, bm25"."""
    model, *baselines = map(escaped, names)
    return f"{model} against {', '.join(baselines)}" if baselines else model


def headline_figures(figures: Iterable[ComparedFigure]) -> list[ComparedFigure]:
    """Take the figure that leads for each part of a benchmark; none where no candidate sets are measured."""
    found: dict[str, ComparedFigure] = {}
    for figure in figures:
        if figure.metric in HEADLINES:
            other = found.setdefault(figure.measured_on, figure)
            if HEADLINES.index(figure.metric) < HEADLINES.index(other.metric):
                found[figure.measured_on] = figure
    return list(found.values())


def shown_scope(figure: ComparedFigure) -> str:
    """Say among what the passages are first: "first among all 640 passages"."""
    if figure.metric == "flip_accuracy":
        return "all right within the set"
    return f"first among all {figure.passages:,} passages" if figure.passages else "first among all passages"
