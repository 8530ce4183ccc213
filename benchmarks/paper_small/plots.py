"""The experiment's pictures: what is obeyed, and what it costs."""

from __future__ import annotations

import io
from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.paper_small.jobs import BASE
from benchmarks.paper_small.pooling import Pooled

_INK, _GRID, _OTHER, _OURS, _BASE = "#212529", "#e9ecef", "#6c757d", "#d9480f", "#343a40"
# Of a line of names, as a share of the axes.
_LINE_HEIGHT = 0.055
_PLAIN = "scifact/ndcg_at_10"
_OBEYED = {
    "seeds/right_first": "seeds",
    "seeds-views/right_first": "seeds, written views",
    "practical/right_first": "practical sets",
    "attributed/right_first": "attributed pairs",
    "medquad/right_first": "MedQuAD",
    "movies/right_first": "films",
}
# Models that are asked in both directions; the others are controls.
_CONTROLS = ("ins-orig", "paraphrase-control", "composed")


def plot_trade_off(models: Mapping[str, Mapping[str, Pooled]]) -> bytes:
    """Draw one point a model and test: plain retrieval across, the right passage first of all upwards.

    Both are differences to the base, with their paired intervals: what is right of the line costs nothing.

    :param models: figures by name.
    :return: a PNG.
    """
    picture = Figure(figsize=(16, 8), dpi=120, layout="constrained")
    panels = picture.subplots(2, 3, sharex=True).flat
    for axes, (figure, title) in zip(panels, _OBEYED.items(), strict=True):
        points: dict[str, tuple[float, float, str]] = {}
        for name, figures in models.items():
            if name == BASE:
                continue
            across, up = (figures[one].comparison.difference for one in (_PLAIN, figure))
            color = _OTHER if name.startswith(_CONTROLS) else _OURS
            axes.errorbar(
                100 * across.value,
                100 * up.value,
                xerr=[[100 * (across.value - across.low)], [100 * (across.high - across.value)]],
                yerr=[[100 * (up.value - up.low)], [100 * (up.high - up.value)]],
                fmt="o",
                color=color,
                elinewidth=0.7,
            )
            points[name] = (100 * across.value, 100 * up.value, color)
        axes.plot(0, 0, "s", color=_BASE, label="base")
        axes.axvline(0, color=_BASE, linewidth=0.8, linestyle=":")
        axes.axhline(0, color=_BASE, linewidth=0.8, linestyle=":")
        _name_points(axes, points)
        _finish(axes, title)
    picture.suptitle("The right passage first of all, and what it costs", fontsize=14, fontweight="bold")
    picture.supylabel("right first, minus base (points)")
    picture.supxlabel("SciFact nDCG@10, minus base (x100)")
    return _png(picture)


def _name_points(axes: Axes, points: Mapping[str, tuple[float, float, str]]) -> None:
    """Write the points' names beside the axes, one below the other, each with a line to its point."""
    low, high = axes.get_ylim()
    places: list[float] = []
    for name, (across, up, color) in sorted(points.items(), key=lambda point: point[1][1]):
        lowest_free = places[-1] + _LINE_HEIGHT if places else 0.0
        places.append(max((up - low) / (high - low), lowest_free))
        axes.annotate(
            name,
            (across, up),
            xytext=(1.04, places[-1]),
            textcoords="axes fraction",
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.5, "alpha": 0.6},
            color=color,
            fontsize=9,
            va="center",
        )


def _finish(axes: Axes, title: str) -> None:
    axes.grid(color=_GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=_INK, pad=8)


def _png(picture: Figure) -> bytes:
    buffer = io.BytesIO()
    picture.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
