"""Plot of a training run: the loss with its components, and the figures of the evaluations."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def draw_loss_curve(history: Sequence[Mapping[str, float]], components: Sequence[str], path: Path) -> None:
    """Draw the loss and its weighted components over the steps, and the evaluations below.

    :param history: the trainer's log entries.
    :param components: names of the components.
    :param path: a PNG file, written in one step.
    """
    figure = Figure(figsize=(7, 5.5), layout="constrained")
    evaluations = [entry for entry in history if "eval_flip_accuracy" in entry]
    if evaluations:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        _draw_evaluations(bottom, evaluations)
    else:
        top = bottom = figure.subplots()
    losses = [entry for entry in history if "loss" in entry]
    steps = [entry["step"] for entry in losses]
    top.plot(steps, [float(entry["loss"]) for entry in losses], color="black", label="loss")
    for name in components:
        points = [(entry["step"], entry[name]) for entry in losses if name in entry]
        if len(components) > 1 and points:
            top.plot(*zip(*points, strict=True), linewidth=1, label=name.replace("_", " "))
    top.set_ylabel("training loss")
    top.set_ylim(bottom=0)
    top.legend(frameon=False)
    bottom.set_xlabel("step")
    beside = path.with_name(f".{os.getpid()}-{path.name}")
    FigureCanvasAgg(figure).print_png(str(beside))  # type: ignore[no-untyped-call]
    beside.replace(path)


def _draw_evaluations(axes: Axes, evaluations: Sequence[Mapping[str, float]]) -> None:
    for key, name in (
        ("eval_right_first", "right first"),
        ("eval_view_accuracy", "right within the set"),
        ("eval_flip_accuracy", "all right within the set"),
        ("eval_instructed_ndcg_at_10", "nDCG@10 of instructed queries"),
        ("eval_bare_query_ndcg_at_10", "nDCG@10 of bare queries"),
    ):
        points = [(entry["step"], entry[key]) for entry in evaluations if key in entry]
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", markersize=4, label=name)
    axes.set_ylabel("on the validation split")
    axes.set_ylim(0, 1)
    axes.legend(frameon=False)
