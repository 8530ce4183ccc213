"""Picture of an evaluation: how often the right passage is first, for each model and source."""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.comparison.significance import Interval
from dualview.trainer.evaluation.report.headlines import shown_scope

_BEFORE, _AFTER, _INK, _CHANCE = ("#9aa3ad", "#c9cfd6", "#6c7680"), "#d9480f", "#212529", "#343a40"
_TITLE = "Same query, opposite instructions:\nhow often is the right passage first?"
# Guessing is drawn from here on: the line of one passage among hundreds is that of zero.
_VISIBLE = 0.01
_GUESSING = "guessing"
# Characters of a legend in one line.
_LEGEND_WIDTH = 90


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
    handles: dict[str, Artist] = {}
    for place, figure in enumerate(reversed(figures)):
        handles |= _draw_row(axes, place, figure)
    axes.set_yticks(range(len(figures)), [_row_name(figure) for figure in reversed(figures)], fontsize=11)
    axes.set_ylim(-0.6, len(figures) - 0.4)
    axes.set_xlim(0, min(100, max(_highest(figures) + 12, 30)))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}%")
    axes.grid(axis="x", color="#e9ecef")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_title(_TITLE, loc="left", fontsize=13, fontweight="bold", color=_INK, pad=12)
    # The baselines are above the model in each row, and so in the legend.
    roles = [(_role(number), _shown(name)) for number, name in enumerate(names)]
    labelled = [
        (handles[role], label)
        for role, label in (*roles[1:], roles[0], (_GUESSING, _GUESSING))
        if role in handles
    ]
    fits = sum(len(label) + 6 for _, label in labelled) <= _LEGEND_WIDTH
    picture.legend(
        *zip(*labelled, strict=True),
        loc="outside lower center",
        ncols=len(labelled) if fits else 1,
        frameon=False,
        fontsize=10,
    )
    buffer = io.BytesIO()
    picture.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _draw_row(axes: Axes, place: int, figure: ComparedFigure) -> dict[str, Artist]:
    """Draw the baselines above the model; return what stands for each in the legend."""
    bars = [
        (_role(number), against.baseline, _BEFORE[(number - 1) % len(_BEFORE)])
        for number, against in enumerate(figure.comparison.against, start=1)
    ]
    bars.append((_role(0), figure.comparison.model, _AFTER))
    step = 0.8 / max(2, len(bars))
    top = place + step * (len(bars) - 1) / 2
    handles: dict[str, Artist] = {}
    for number, (role, interval, color) in enumerate(bars):
        if interval is not None:
            handles[role] = _draw_bar(axes, top - number * step, 0.9 * step, interval, color)
    if figure.chance is not None and figure.chance >= _VISIBLE:
        chance = 100 * figure.chance
        ends = [place - 0.45, place + 0.45]
        (handles[_GUESSING],) = axes.plot([chance, chance], ends, ls="--", color=_CHANCE, lw=1.4)
    return handles


def _role(number: int) -> str:
    return f"system {number}"


def _draw_bar(axes: Axes, place: float, height: float, interval: Interval, color: str) -> Artist:
    value = 100 * interval.value
    below, above = value - 100 * interval.low, 100 * interval.high - value
    bar: Artist = axes.barh(place, value, height=height, color=color)[0]
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
    return bar


def _row_name(figure: ComparedFigure) -> str:
    counted = figure.detail or f"{figure.comparison.queries:,} queries"
    return f"{_shown(figure.subset or figure.dataset)}\n{counted}\n{shown_scope(figure)}"


def _shown(name: str) -> str:
    """Cut the middle of a long name, and keep matplotlib from reading a formula into it."""
    short = name if len(name) <= 40 else f"{name[:15]}…{name[-24:]}"
    return short.replace("$", r"\$")


def _highest(figures: Sequence[ComparedFigure]) -> float:
    shown = [
        one for f in figures for one in (f.comparison.model, *(a.baseline for a in f.comparison.against))
    ]
    return max((100 * interval.high for interval in shown if interval is not None), default=0.0)
