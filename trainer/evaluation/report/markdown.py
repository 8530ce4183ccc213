"""report.md: the figures for a terminal, a pull request or the Hub."""

from __future__ import annotations

from collections.abc import Mapping

from dualview.cards.text import Markdown, escape, fence, table
from dualview.trainer.evaluation.report.figure_tables import markdown_table, table_headers
from dualview.trainer.evaluation.report.headlines import title_of
from dualview.trainer.evaluation.report.notes import HOW_TO_READ, interval_note
from dualview.trainer.evaluation.report.results import Evaluation
from dualview.trainer.evaluation.report.view_groups import (
    FIRST_NUMBER,
    GROUP_HEADERS,
    group_rows,
)


def render_markdown(results: Evaluation, versions: Mapping[str, str], plot: str | None) -> str:
    """Write the report.

    :param plot: name of the picture beside it, if there is one.
    """
    shown = {figure.metric for figure in results.figures}
    baselines = results.names[1:]
    parts = [
        f"# {title_of(results.names, escape)}",
        Markdown(f"![Share of instructions whose passage is first]({plot})") if plot else "",
        markdown_table(results.figures, baselines),
        interval_note(results.count * max(1, len(baselines)), paired=results.is_paired),
        "\n".join(f"- **{name}:** {text}" for name, metrics, text in HOW_TO_READ if shown & set(metrics)),
    ]
    if results.notes:
        parts += ["## Notes", "\n".join(f"- {escape(note)}" for note in results.notes)]
    headers = table_headers(GROUP_HEADERS, baselines)
    for title, figures in results.view_groups:
        numbers = range(FIRST_NUMBER, len(headers))
        parts += [f"## {title}", table(headers, group_rows(figures), numbers=numbers)]
    if results.suite:
        suite = results.suite
        parts += [f"## {escape(suite.title)}", table(suite.headers, suite.rows), escape(suite.note)]
    if results.compared.mteb:
        parts += ["## The same rankings, measured by mteb's own code", _mteb_table(results)]
    parts += [
        fence(results.command, "bash" if results.command.startswith("dualview ") else "python"),
        "Versions: " + ", ".join(f"{name} {escape(version)}" for name, version in versions.items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _mteb_table(results: Evaluation) -> Markdown:
    headers = ["Task", "Subset", "Split", "Revision", "mteb", "Main score"]
    baselines = results.names[1:] if len(results.names) > 2 else ("Baseline",) * len(results.baselines)
    rows = [
        [
            *(one[key] for key in ("task", "subset", "split", "revision", "mteb", "main_score")),
            *map(_percent, scores),
        ]
        for one, scores in results.mteb_scores
    ]
    names = [*headers, *baselines, "Model"]
    return table(names, rows, numbers=range(len(headers), len(names)))


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"
