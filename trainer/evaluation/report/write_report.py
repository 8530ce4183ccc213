"""Files of a report: results.json, report.md, report.html and a picture."""

from __future__ import annotations

import json
from pathlib import Path

from dualview.cards.errors import CardError
from dualview.cards.readme import write_text
from dualview.trainer.evaluation.report.flip_plot import plot_flips
from dualview.trainer.evaluation.report.headlines import headline_figures
from dualview.trainer.evaluation.report.html import render_html
from dualview.trainer.evaluation.report.markdown import render_markdown
from dualview.trainer.evaluation.report.results import Evaluation, versions

RESULTS_FILE, REPORT_FILE, HTML_FILE, PLOT_FILE = "results.json", "report.md", "report.html", "flips.png"


def write_report(folder: Path, results: Evaluation, examples: int) -> None:
    """Write results.json, report.html, report.md and, where there are candidate sets, the picture.

    :param folder: made if it is missing.
    :param examples: candidate sets that are shown of each outcome.
    :raises dualview.cards.errors.CardError: if a file cannot be written.
    """
    text = json.dumps(results.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    html = render_html(results, versions(), examples)
    plot = None
    if headlines := headline_figures(results.figures):
        plot = plot_flips(headlines, results.names)
    write_text(folder / RESULTS_FILE, text + "\n")
    write_text(folder / HTML_FILE, html)
    if plot:
        _write_bytes(folder / PLOT_FILE, plot)
    # Written last: where it is, the other files are too.
    write_text(folder / REPORT_FILE, render_markdown(results, versions(), PLOT_FILE if plot else None))


def _write_bytes(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise CardError(f"{path}: cannot be written ({error.strerror}); choose another folder") from error
