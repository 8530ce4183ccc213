"""report.md: the figures for a terminal, a pull request or the Hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dualview.cards.text import Markdown, escape, fence, table
from dualview.trainer.evaluation.report.figure_tables import FIRST_NUMBER, markdown_table, table_headers
from dualview.trainer.evaluation.report.notes import HOW_TO_READ, interval_note
from dualview.trainer.evaluation.report.results import Evaluation
from dualview.trainer.evaluation.report.styles import STYLE_HEADERS, STYLE_TITLE, style_rows


def render_markdown(results: Evaluation, versions: Mapping[str, str], plot: str | None) -> str:
    """Write the report.

    :param plot: name of the picture beside it, if there is one.
    """
    shown = {figure.metric for figure in results.figures}
    parts = [
        f"# {' against '.join(escape(name) for name in results.names if name)}",
        Markdown(f"![Share of sets in which every view is right]({plot})") if plot else "",
        markdown_table(results.figures),
        interval_note(len(results.figures) + len(results.styles), paired=results.is_paired),
        "\n".join(f"- **{name}:** {text}" for name, metrics, text in HOW_TO_READ if shown & set(metrics)),
    ]
    if results.notes:
        parts += ["## Notes on the data", "\n".join(f"- {escape(note)}" for note in results.notes)]
    if results.styles:
        headers = table_headers(results.styles, STYLE_HEADERS)
        numbers = range(FIRST_NUMBER, len(headers))
        parts += [f"## {STYLE_TITLE}", table(headers, style_rows(results.styles), numbers=numbers)]
    if results.suite:
        suite = results.suite
        parts += [f"## {escape(suite.title)}", table(suite.headers, suite.rows), escape(suite.note)]
    if results.compared.mteb:
        parts += ["## The same rankings, measured by mteb's own code", _mteb_table(results.compared.mteb)]
    parts += [
        fence(results.command, "bash" if results.command.startswith("dualview ") else "python"),
        "Versions: " + ", ".join(f"{name} {escape(version)}" for name, version in versions.items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _mteb_table(scores: Sequence[Mapping[str, Any]]) -> Markdown:
    headers = ["Task", "Subset", "Split", "Revision", "mteb", "Main score"]
    of_systems = {"baseline_scores": "Baseline", "scores": "Model"}
    known = [key for key in of_systems if key in scores[0]]
    rows = [
        [
            *(one[key] for key in ("task", "subset", "split", "revision", "mteb", "main_score")),
            *(_percent(one[key].get(one["main_score"])) for key in known),
        ]
        for one in scores
    ]
    return table([*headers, *(of_systems[key] for key in known)], rows, numbers=(6, 7))


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"
