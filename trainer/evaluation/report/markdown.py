"""report.md: the figures for a terminal, a pull request or the Hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dualview.cards.text import Markdown, escape, fence, table
from dualview.trainer.evaluation.report.notes import HOW_TO_READ, interval_note
from dualview.trainer.evaluation.report.styles import STYLE_HEADERS, STYLE_TITLE, style_rows
from dualview.trainer.evaluation.report.figure_tables import markdown_table

if TYPE_CHECKING:
    from dualview.trainer.evaluation.report.results import EvaluationResults


def render_markdown(results: EvaluationResults, versions: Mapping[str, str], plot: str | None) -> str:
    """Write the report.

    :param plot: name of the picture beside it, if there is one.
    """
    shown = {figure.metric for figure in results.figures}
    parts = [
        f"# {escape(results.names[0])} against {escape(results.names[1])}",
        Markdown(f"![How often every view of a set is right, for both models]({plot})") if plot else "",
        markdown_table(results.figures),
        interval_note(len(results.figures) + len(results.styles)),
        "\n".join(f"- **{name}:** {text}" for name, metrics, text in HOW_TO_READ if shown & set(metrics)),
    ]
    if results.styles:
        parts += [f"## {STYLE_TITLE}", table(STYLE_HEADERS, style_rows(results.styles), numbers=range(2, 7))]
    if results.suite:
        suite = results.suite
        parts += [f"## {escape(suite.title)}", table(suite.headers, suite.rows), escape(suite.note)]
    if results.compared.mteb:
        rows = [
            [m["task"], m["subset"], m["split"], m["revision"], m["mteb"], m["main_score"], *_both(m)]
            for m in results.compared.mteb
        ]
        headers = ["Task", "Subset", "Split", "Revision", "mteb", "Main score", "Baseline", "Model"]
        parts += ["## The same rankings, measured by mteb's own code", table(headers, rows, numbers=(6, 7))]
    parts += [
        fence(results.command, "bash"),
        "Versions: " + ", ".join(f"{name} {escape(version)}" for name, version in versions.items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _both(scores: Mapping[str, dict]) -> list[str]:
    values = [scores[which].get(str(scores["main_score"])) for which in ("baseline_scores", "scores")]
    return ["" if value is None else f"{100 * value:.1f}" for value in values]
