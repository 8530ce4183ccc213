"""The picture of a training run: the loss with its parts, and the figures of the evaluations."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def draw_loss_curve(history: Sequence[Mapping[str, float]], components: Sequence[str], path: Path) -> None:
    """Draw the loss and its weighted parts over the steps, and the evaluations below; written in one step.

    :param history: the trainer's log entries.
    :param components: the parts' names.
    """
    figure = Figure(figsize=(7, 5.5), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
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
    evaluations = [entry for entry in history if "eval_flip_accuracy" in entry]
    for key, name in (
        ("eval_flip_accuracy", "all views of a set right"),
        ("eval_view_accuracy", "single views right"),
        ("eval_instructed_ndcg_at_10", "nDCG@10 of instructed queries"),
        ("eval_bare_query_ndcg_at_10", "nDCG@10 of bare queries"),
    ):
        points = [(entry["step"], entry[key]) for entry in evaluations if key in entry]
        if points:
            bottom.plot(*zip(*points, strict=True), marker="o", markersize=4, label=name)
    bottom.set_ylabel("on the validation split")
    bottom.set_xlabel("step")
    bottom.set_ylim(0, 1)
    if evaluations:
        bottom.legend(frameon=False)
    beside = path.with_name(f".{os.getpid()}-{path.name}")
    FigureCanvasAgg(figure).print_png(str(beside))
    beside.replace(path)
