"""Tables and values of a model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dualview.cards.metadata.names import is_hub_id
from dualview.cards.model_facts import Result
from dualview.cards.text import Markdown, code, escape, table


def result_table(results: Sequence[Result]) -> Markdown:
    """Return the results beside those of the base model, x100, with intervals."""
    headers = ["Measured on", "Metric", "Queries", "Base", "This model", "Difference"]
    rows = [
        [
            ", ".join(part for part in (result.dataset, result.split, result.subset) if part),
            result.metric_name,
            f"{result.queries:,}",
            _x100(result.baseline),
            f"{_x100(result.value)} ({_x100(result.low)} to {_x100(result.high)})",
            Markdown(_difference(result)),
        ]
        for result in results
    ]
    return table(headers, rows, numbers=range(2, len(headers)))


def mixture_table(mixture: Mapping[str, int]) -> Markdown:
    """Return the counts of the training data."""
    return table(["Training data", "Count"], [[k, f"{n:,}"] for k, n in mixture.items()], numbers=[1])


def value_table(header: str, values: Mapping[str, Any]) -> Markdown:
    """Return names and their values."""
    return table([header, "Value"], [[code(name), code(value)] for name, value in values.items()])


def model_link(name: str) -> Markdown:
    """Return a link to a model on the Hub, or the name of a local folder."""
    return _link(name, "")


def dataset_link(name: str) -> Markdown:
    """Return a link to a dataset on the Hub, or the name of a local folder."""
    return _link(name, "datasets/")


def duration(seconds: float) -> str:
    """Return a time in hours and minutes, or in minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _link(name: str, prefix: str) -> Markdown:
    if not is_hub_id(name):
        return code(name)
    return Markdown(f"[{escape(name)}](https://huggingface.co/{prefix}{name})")


def _difference(result: Result) -> str:
    interval = f"{100 * result.difference_low:+.1f} to {100 * result.difference_high:+.1f}"
    if not result.differs:
        return f"no difference ({interval})"
    return f"**{100 * result.difference:+.1f}** ({interval})"


def _x100(fraction: float) -> str:
    return f"{100 * fraction:.1f}"
