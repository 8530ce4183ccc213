"""The picture of an evaluation: how often every instruction of a set is obeyed, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trainer.evaluation.comparison import ComparedFigure

_BEFORE, _AFTER, _INK, _CHANCE = "#9aa3ad", "#d9480f", "#212529", "#495057"


def plot_flips(figures: Sequence[ComparedFigure], path: Path, baseline: str, model: str) -> Path:
    """Draw flip accuracy of baseline and model, one row a source, with intervals and the chance line.

    :param path: a PNG file to write.
    :param baseline: the baseline's name in the legend; ``model`` the other's.
    """
    rows = [figure for figure in figures if figure.metric == "flip_accuracy"]
    picture = Figure(figsize=(8, 2.1 + 1.15 * len(rows)), dpi=160, layout="constrained")
    axes = picture.add_subplot()
    for place, figure in enumerate(reversed(rows)):
        _draw_row(axes, place, figure, labelled=place == 0, names=(baseline, model))
    axes.set_yticks(range(len(rows)), [_row_name(figure) for figure in reversed(rows)], fontsize=11)
    axes.set_ylim(-0.55, len(rows) - 0.35)
    axes.set_xlim(0, min(100, max(_highest(rows) + 12, 30)))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}%")
    axes.grid(axis="x", color="#e9ecef")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_title(
        "Same query, opposite instructions:\nhow often does the right passage win every time?",
        loc="left",
        fontsize=13,
        fontweight="bold",
        color=_INK,
    )
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.14), ncols=3, frameon=False, fontsize=10)
    picture.savefig(path, format="png", metadata={"Software": None})
    return path


def _draw_row(axes: Axes, place: int, figure: ComparedFigure, labelled: bool, names: tuple[str, str]) -> None:
    pair = (figure.comparison.baseline, figure.comparison.model)
    for interval, name, color, shift in zip(pair, names, (_BEFORE, _AFTER), (0.2, -0.2), strict=True):
        value = 100 * interval.value
        below, above = value - 100 * interval.low, 100 * interval.high - value
        axes.barh(place + shift, value, height=0.36, color=color, label=_shown(name) if labelled else None)
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
        axes.plot([chance, chance], [place - 0.45, place + 0.45], ls="--", color=_CHANCE, lw=1.4, label=label)


def _row_name(figure: ComparedFigure) -> str:
    return f"{_shown(figure.subset or figure.dataset)}\n{figure.detail or f'{figure.comparison.queries:,} queries'}"


def _shown(name: str) -> str:
    """Cut a long name, and keep matplotlib from reading a formula into it."""
    short = name if len(name) <= 40 else f"{name[:39]}…"
    return short.replace("$", r"\$")


def _highest(figures: Sequence[ComparedFigure]) -> float:
    return max((100 * max(f.comparison.model.high, f.comparison.baseline.high) for f in figures), default=0.0)
