"""The experiment's pictures: what obeying instructions costs, and a sweep's curve."""

from __future__ import annotations

import io
from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.paper_small.jobs import BASE
from benchmarks.paper_small.pooling import Pooled

_INK, _GRID, _OTHER, _OURS, _BASE = "#212529", "#e9ecef", "#6c757d", "#d9480f", "#343a40"
_LINES = ("#d9480f", "#1971c2", "#2f9e44", "#9c36b5", "#868e96", "#343a40")
# Of a line of names, as a share of the axes.
_LINE_HEIGHT = 0.055
_PLAIN = "scifact/ndcg_at_10"
_INSTRUCTED = "instructed_ndcg_at_10"
_OBEYED = {
    "seeds/flip_accuracy": "seeds (three views)",
    "attributed/flip_accuracy": "attributed (two views)",
    "medquad/flip_accuracy": "MedQuAD (two views)",
    "movies/flip_accuracy": "films (two views)",
}
# What a sweep's setting is called in a picture, where its name does not say it.
_NAMES = {
    "reversed_share": "share of reversed views in the training",
    "base_share": "share of the base model in the averaged weights",
    "max_negatives": "passages beside the views' own",
    "epochs": "passes over the training rows",
}
# Arms that are asked in both directions; the others are controls.
_BOTH_VIEWS = ("ins-dv", "all-dv", "tri-view", "minilm")


def plot_trade_off(arms: Mapping[str, Mapping[str, Pooled]]) -> bytes:
    """Draw one point an arm and test: plain retrieval across, instructions obeyed upwards.

    Both are differences to the base, with their paired intervals: whoever is right of the line costs nothing.

    :return: a PNG.
    """
    picture = _differences(arms, dict.fromkeys(_OBEYED, _PLAIN), sharex=True)
    picture.suptitle("All right within the set, and what it costs", fontsize=14, fontweight="bold")
    picture.supxlabel("SciFact nDCG@10, minus base (x100)")
    return _png(picture)


def has_instructed(figures: Mapping[str, Pooled]) -> bool:
    """Say whether :func:`plot_instructed` can draw a model."""
    return all(figure in figures for figure in _instructed_figures().values())


def plot_instructed(arms: Mapping[str, Mapping[str, Pooled]]) -> bytes:
    """Draw one point an arm and test: instructed queries among all passages across, within a set upwards.

    Both are differences to the base, as in :func:`plot_trade_off`: whoever is right of the line finds more
    of what an instructed query wants.

    :return: a PNG.
    """
    picture = _differences(arms, _instructed_figures(), sharex=False)
    title = "All right within the set, and what is found among all passages"
    picture.suptitle(title, fontsize=14, fontweight="bold")
    picture.supxlabel("nDCG@10 of the instructed queries, minus base (x100)")
    return _png(picture)


def _instructed_figures() -> dict[str, str]:
    return {figure: f"{figure.partition('/')[0]}/{_INSTRUCTED}" for figure in _OBEYED}


def _differences(
    arms: Mapping[str, Mapping[str, Pooled]], across_by_figure: Mapping[str, str], sharex: bool
) -> Figure:
    """Draw a panel a test: the arms' differences to the base in two figures."""
    picture = Figure(figsize=(12, 8), dpi=140, layout="constrained")
    panels = picture.subplots(2, 2, sharex=sharex).flat
    for axes, (figure, title) in zip(panels, _OBEYED.items(), strict=True):
        points: dict[str, tuple[float, float, str]] = {}
        for name, figures in arms.items():
            if name == BASE:
                continue
            across, up = (figures[one].comparison.difference for one in (across_by_figure[figure], figure))
            color = _OURS if name in _BOTH_VIEWS else _OTHER
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
    picture.supylabel("all right within the set, minus base (points)")
    return picture


def plot_curve(varied: str, points: Mapping[float, Mapping[str, Pooled]]) -> bytes:
    """Draw the validation figures of a sweep over one number.

    :return: a PNG.
    """
    picture = Figure(figsize=(8, 4.6), dpi=160, layout="constrained")
    axes = picture.add_subplot()
    figures = {
        "attributed/flip_accuracy": "attributed: both right within the pair",
        "medquad/flip_accuracy": "MedQuAD: both right within the pair",
        "movies/flip_accuracy": "films: both right within the pair",
        "seeds/flip_accuracy": "seeds: all three right within the set",
        "scifact conclusions/bare_query_ndcg_at_10": "SciFact conclusions: nDCG@10",
    }
    for (figure, label), color in zip(figures.items(), _LINES, strict=False):
        values = [one[figure].comparison.model for one in points.values()]
        axes.plot(list(points), [100 * one.value for one in values], "o-", color=color, label=label)
        axes.fill_between(
            list(points),
            [100 * one.low for one in values],
            [100 * one.high for one in values],
            color=color,
            alpha=0.1,
        )
    axes.set_xticks(list(points))
    axes.set_xlabel(_NAMES.get(varied, varied.replace("_", " ")))
    axes.set_ylabel("x100, validation")
    picture.legend(loc="outside right upper", frameon=False, fontsize=9)
    _finish(axes, f"What {varied.replace('_', ' ')} does")
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
