"""The outcome of an evaluation, and the files that it is written to."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dualview.cards.errors import CardError
from dualview.cards.readme import write_text
from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.comparison.compare_models import ComparedModels
from dualview.trainer.evaluation.comparison.significance import RESAMPLES
from dualview.trainer.evaluation.comparison.suites import SuiteTable
from dualview.trainer.evaluation.model_names import display_name
from dualview.trainer.evaluation.report.html import render_html
from dualview.trainer.evaluation.report.markdown import render_markdown
from dualview.trainer.evaluation.report.flip_plot import METRIC, plot_flips
from dualview.trainer.evaluation.report.styles import compare_styles

RESULTS_FILE, REPORT_FILE, HTML_FILE, PLOT_FILE = "results.json", "report.md", "report.html", "flips.png"
_PACKAGES = (
    "dualview",
    "sentence-transformers",
    "transformers",
    "torch",
    "datasets",
    "numpy",
    "mteb",
    "pytrec-eval-terrier",
    "bm25s",
)


@dataclass(frozen=True)
class EvaluationResults:
    """Figures of a model beside a baseline, and how they were made.

    :param templates: how query and instruction were joined, for model and baseline.
    :param command: the command line that made the figures.
    :param seconds: wall-clock time of the evaluation.
    :param suite: the suite's own table, where one was run.
    """

    model: str
    baseline: str
    templates: tuple[str, str]
    command: str
    seconds: float
    compared: ComparedModels
    suite: SuiteTable | None = None

    @property
    def names(self) -> tuple[str, str]:
        """Names of model and baseline for people, which tell the two apart."""
        model, baseline = display_name(self.model), display_name(self.baseline)
        return (model, baseline) if model != baseline else (self.model, self.baseline)

    @cached_property
    def styles(self) -> list[ComparedFigure]:
        """Single views by how their instruction is put, where that is known."""
        return compare_styles(self.compared.sets)

    @property
    def figures(self) -> tuple[ComparedFigure, ...]:
        """All compared figures."""
        return self.compared.figures

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values; figures are fractions, but for the margin."""
        return {
            "command": self.command,
            "model": self.model,
            "baseline": self.baseline,
            "template": self.templates[0],
            "baseline_template": self.templates[1],
            "seconds": round(self.seconds, 1),
            "bootstrap": {"resamples": RESAMPLES, "interval": 0.95, "unit": "query"},
            "versions": versions(),
            "figures": [
                {
                    **asdict(figure),
                    "name": figure.kind.label,
                    "differs": not figure.comparison.difference.holds_zero,
                }
                for figure in self.figures
            ],
            "styles": [asdict(figure) for figure in self.styles],
            "mteb": list(self.compared.mteb),
        }


def versions() -> dict[str, str]:
    """Name the versions of Python and of the packages that figures depend on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def write_report(folder: Path, results: EvaluationResults, examples: int) -> None:
    """Write results.json, report.html, report.md and, where there are candidate sets, the picture.

    :param folder: made if it is missing.
    :param examples: candidate sets that are shown of each outcome.
    :raises dualview.cards.errors.CardError: if a file cannot be written.
    """
    text = json.dumps(results.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    html = render_html(results, versions(), examples)
    plot = None
    if any(figure.metric == METRIC for figure in results.figures):
        plot = plot_flips(results.figures, *reversed(results.names))
    write_text(folder / RESULTS_FILE, text + "\n")
    write_text(folder / HTML_FILE, html)
    if plot:
        _write_bytes(folder / PLOT_FILE, plot)
    # Last: whoever finds it finds the rest.
    write_text(folder / REPORT_FILE, render_markdown(results, versions(), PLOT_FILE if plot else None))


def _write_bytes(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise CardError(f"{path}: cannot be written ({error.strerror}); choose another folder") from error
