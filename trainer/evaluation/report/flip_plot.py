"""Picture of an evaluation: share of candidate sets in which every instruction is followed."""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure

METRIC = "flip_accuracy"
_BEFORE, _AFTER, _INK, _CHANCE = "#9aa3ad", "#d9480f", "#212529", "#343a40"
_TITLE = "Same query, opposite instructions:\nhow often does the right passage win every time?"


def plot_flips(figures: Sequence[ComparedFigure], baseline: str | None, model: str) -> bytes:
    """Draw flip accuracy of baseline and model, one row a source, with intervals and the chance line.

    :param baseline: the baseline's name in the legend, None without one; ``model`` the model's.
    :return: a PNG.
    """
    rows = [figure for figure in figures if figure.metric == METRIC]
    picture = Figure(figsize=(8, 2.2 + 1.15 * len(rows)), dpi=160, layout="constrained")
    axes = picture.add_subplot()
    for place, figure in enumerate(reversed(rows)):
        _draw_row(axes, place, figure, labelled=place == 0, names=(baseline or "", model))
    axes.set_yticks(range(len(rows)), [_row_name(figure) for figure in reversed(rows)], fontsize=11)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlim(0, min(100, max(_highest(rows) + 12, 30)))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}%")
    axes.grid(axis="x", color="#e9ecef")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_title(_TITLE, loc="left", fontsize=13, fontweight="bold", color=_INK, pad=12)
    # The baseline is above the model in each row, and so in the legend.
    handles, labels = axes.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda number: labels[number] == "guessing")
    picture.legend(
        [handles[number] for number in order],
        [labels[number] for number in order],
        loc="outside lower center",
        ncols=3,
        frameon=False,
        fontsize=10,
    )
    buffer = io.BytesIO()
    picture.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _draw_row(axes: Axes, place: int, figure: ComparedFigure, labelled: bool, names: tuple[str, str]) -> None:
    compared = figure.comparison
    bars = [(compared.model, names[1], _AFTER, -0.2 if compared.baseline else 0.0)]
    if compared.baseline:
        bars.insert(0, (compared.baseline, names[0], _BEFORE, 0.2))
    for interval, name, color, shift in bars:
        value = 100 * interval.value
        below, above = value - 100 * interval.low, 100 * interval.high - value
        label = _shown(name) if labelled else None
        axes.barh(place + shift, value, height=0.36, color=color, label=label)
        axes.errorbar(
            value, place + shift, xerr=[[max(below, 0)], [max(above, 0)]], color=_INK, capsize=3, lw=1.2
        )
        axes.annotate(
            f"{value:.0f}%" if value >= 10 else f"{value:.1f}%",
            (100 * interval.high, place + shift),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=11,
            fontweight="bold",
            color=_INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            zorder=5,
        )
    if figure.chance is not None:
        chance = 100 * figure.chance
        label = "guessing" if labelled else None
        ends = [place - 0.45, place + 0.45]
        axes.plot([chance, chance], ends, ls="--", color=_CHANCE, lw=1.4, label=label)


def _row_name(figure: ComparedFigure) -> str:
    counted = figure.detail or f"{figure.comparison.queries:,} queries"
    return f"{_shown(figure.subset or figure.dataset)}\n{counted}"


def _shown(name: str) -> str:
    """Cut a long name, and keep matplotlib from reading a formula into it."""
    short = name if len(name) <= 40 else f"{name[:39]}…"
    return short.replace("$", r"\$")


def _highest(figures: Sequence[ComparedFigure]) -> float:
    intervals = (one for f in figures for one in (f.comparison.model, f.comparison.baseline) if one)
    return max((100 * interval.high for interval in intervals), default=0.0)
