"""The plots of a report, as SVG images inside its page."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dualview.cards.text import shorten
from dualview.dataset_builder.report.facts import ReportFacts

_COLOUR = "#3b6ea8"
_MOST_BARS = 15


def make_plots(facts: ReportFacts) -> list[tuple[str, str]]:
    """Titles and images (``data:`` addresses) of the plots for which there are data."""
    plots: list[tuple[str, str]] = []

    def add(
        title: str,
        data: Sequence[object] | Mapping[str, int],
        draw: Callable[[Axes], None],
        height: float = 2.6,
    ) -> None:
        if data:
            plots.append((title, _draw(draw, height)))

    for title, counts in (
        ("Reasons for rejection", facts.reasons),
        ("Levers", facts.levers),
        ("Styles", facts.styles),
    ):
        shown = dict(list(counts.items())[:_MOST_BARS])
        add(title, shown, partial(_bars, counts=shown), 0.5 + 0.26 * len(shown))
    ledger = facts.ledger
    if ledger is not None:
        add("Replies a minute", ledger.timeline, partial(_timeline, timeline=ledger.timeline))
        add("Seconds a reply took", ledger.seconds, partial(_histogram, seconds=ledger.seconds))
    return plots


def _draw(draw: Callable[[Axes], None], height: float) -> str:
    # Narrow, so that its letters can be read on a phone.
    figure = Figure(figsize=(5.2, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes)
    buffer = io.BytesIO()
    # The same figures give the same bytes: no time, no random ids.
    with matplotlib.rc_context({"svg.hashsalt": "dualview", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _bars(axes: Axes, counts: Mapping[str, int]) -> None:
    places = range(len(counts))
    axes.bar_label(axes.barh(places, list(counts.values()), color=_COLOUR), padding=2)
    # Names come from models: a dollar sign would start a formula.
    names = [shorten(name, 32).replace("$", r"\$") for name in counts]
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)


def _timeline(axes: Axes, timeline: Sequence[tuple[float, float]]) -> None:
    minutes, rates = zip(*timeline, strict=True)
    axes.fill_between(minutes, rates, step="post", color=_COLOUR, alpha=0.6)
    axes.set_xlabel("minutes since the first reply")
    axes.set_ylim(bottom=0)


def _histogram(axes: Axes, seconds: Sequence[float]) -> None:
    axes.hist(seconds, bins=40, color=_COLOUR)
    axes.set_xlabel("seconds")
    axes.set_ylabel("replies")
