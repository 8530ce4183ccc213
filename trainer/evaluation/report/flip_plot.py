"""Picture of an evaluation: how often the right passage is first, for each model and source."""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.comparison.significance import Interval
from dualview.trainer.evaluation.report.headlines import shown_scope

_BEFORE, _AFTER, _INK, _CHANCE = ("#9aa3ad", "#c9cfd6", "#6c7680"), "#d9480f", "#212529", "#343a40"
_TITLE = "Same query, opposite instructions:\nhow often is the right passage first?"
# Guessing is drawn from here on: the line of one passage among hundreds is that of zero.
_VISIBLE = 0.01


def plot_flips(figures: Sequence[ComparedFigure], names: Sequence[str]) -> bytes:
    """Draw the share of every model, one row a source, with intervals, and guessing where it can be seen.

    :param figures: those that lead the report.
    :param names: of the model and of each baseline, for the legend.
    :return: a PNG.
    """
    bars = max((1 + len(figure.comparison.against) for figure in figures), default=1)
    height = 1.15 + 0.35 * max(0, bars - 2)
    picture = Figure(figsize=(8, 2.2 + height * len(figures)), dpi=160, layout="constrained")
    axes = picture.add_subplot()
    for place, figure in enumerate(reversed(figures)):
        _draw_row(axes, place, figure, names)
    axes.set_yticks(range(len(figures)), [_row_name(figure) for figure in reversed(figures)], fontsize=11)
    axes.set_ylim(-0.6, len(figures) - 0.4)
    axes.set_xlim(0, min(100, max(_highest(figures) + 12, 30)))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}%")
    axes.grid(axis="x", color="#e9ecef")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_title(_TITLE, loc="left", fontsize=13, fontweight="bold", color=_INK, pad=12)
    # The baselines are above the model in each row, and so in the legend; a name is there once.
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    labels = [_shown(name) for name in (*names[1:], names[0])]
    kept = [label for label in (*labels, "guessing") if label in handles]
    picture.legend(
        [handles[label] for label in kept],
        kept,
        loc="outside lower center",
        ncols=min(3, len(kept)) if len(kept) != 4 else 2,
        frameon=False,
        fontsize=10,
    )
    buffer = io.BytesIO()
    picture.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _draw_row(axes: Axes, place: int, figure: ComparedFigure, names: Sequence[str]) -> None:
    against = [one.baseline for one in figure.comparison.against]
    bars: list[tuple[Interval | None, str, str]] = [
        (interval, name, _BEFORE[number % len(_BEFORE)])
        for number, (interval, name) in enumerate(zip(against, names[1:], strict=True))
    ]
    bars.append((figure.comparison.model, names[0], _AFTER))
    step = 0.8 / max(2, len(bars))
    top = place + step * (len(bars) - 1) / 2
    for number, (interval, name, color) in enumerate(bars):
        if interval is not None:
            _draw_bar(axes, top - number * step, 0.9 * step, interval, _shown(name), color)
    if figure.chance is not None and figure.chance >= _VISIBLE:
        chance = 100 * figure.chance
        ends = [place - 0.45, place + 0.45]
        axes.plot([chance, chance], ends, ls="--", color=_CHANCE, lw=1.4, label="guessing")


def _draw_bar(axes: Axes, place: float, height: float, interval: Interval, label: str, color: str) -> None:
    value = 100 * interval.value
    below, above = value - 100 * interval.low, 100 * interval.high - value
    axes.barh(place, value, height=height, color=color, label=label)
    axes.errorbar(value, place, xerr=[[max(below, 0)], [max(above, 0)]], color=_INK, capsize=3, lw=1.2)
    axes.annotate(
        f"{value:.0f}%" if value >= 10 else f"{value:.1f}%",
        (100 * interval.high, place),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=11,
        fontweight="bold",
        color=_INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        zorder=5,
    )


def _row_name(figure: ComparedFigure) -> str:
    counted = figure.detail or f"{figure.comparison.queries:,} queries"
    return f"{_shown(figure.subset or figure.dataset)}\n{counted}\n{shown_scope(figure)}"


def _shown(name: str) -> str:
    """Cut a long name, and keep matplotlib from reading a formula into it."""
    short = name if len(name) <= 40 else f"{name[:39]}…"
    return short.replace("$", r"\$")


def _highest(figures: Sequence[ComparedFigure]) -> float:
    shown = [
        one for f in figures for one in (f.comparison.model, *(a.baseline for a in f.comparison.against))
    ]
    return max((100 * interval.high for interval in shown if interval is not None), default=0.0)
