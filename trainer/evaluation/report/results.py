"""Result of an evaluation: figures with intervals, and how they were made."""

from __future__ import annotations

import importlib.metadata
import platform
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from dualview.trainer.evaluation.comparison.compare_models import ComparedModels
from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.comparison.significance import RESAMPLES
from dualview.trainer.evaluation.comparison.suites import SuiteTable
from dualview.trainer.evaluation.model_names import display_name
from dualview.trainer.evaluation.report.figure_tables import figure_rows, table_headers, terminal_table
from dualview.trainer.evaluation.report.styles import compare_styles

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
class Evaluation:
    """Figures of a model, alone or beside a baseline; ``print`` shows them as a table.

    :param model: name of the model; ``baseline`` that of the baseline, or None without one.
    :param template: how query and instruction were joined for the model; ``baseline_template`` for the
        baseline.
    :param command: the command or the call that made the figures.
    :param seconds: wall-clock time of the evaluation.
    :param compared: figures, and outcomes set by set.
    :param suite: the suite's own table, where one was run.
    :param notes: what was left out of the data or found odd, a sentence each.
    """

    model: str
    baseline: str | None
    template: str
    baseline_template: str | None
    command: str
    seconds: float
    compared: ComparedModels = field(repr=False)
    suite: SuiteTable | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    @property
    def figures(self) -> tuple[ComparedFigure, ...]:
        """All figures: one for each metric and part of a benchmark."""
        return self.compared.figures

    @property
    def is_paired(self) -> bool:
        """Tell whether there is a baseline."""
        return self.baseline is not None

    @property
    def names(self) -> tuple[str, str | None]:
        """Names of model and baseline for people, which tell the two apart."""
        if self.baseline is None:
            return display_name(self.model), None
        model, baseline = display_name(self.model), display_name(self.baseline)
        return (model, baseline) if model != baseline else (self.model, self.baseline)

    @cached_property
    def styles(self) -> list[ComparedFigure]:
        """Single views by the style of their instruction, where that is known."""
        return compare_styles(self.compared.sets)

    def __str__(self) -> str:
        """Lay the figures out as a table, and the suite's below it."""
        table = terminal_table(figure_rows(self.figures), table_headers(self.figures))
        if not self.suite:
            return table
        return f"{table}\n\n{terminal_table(self.suite.rows, self.suite.headers)}"

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values, as in results.json; see :class:`ComparedFigure`."""
        return {
            "command": self.command,
            "model": self.model,
            "baseline": self.baseline,
            "template": self.template,
            "baseline_template": self.baseline_template,
            "seconds": round(self.seconds, 1),
            "bootstrap": {"resamples": RESAMPLES, "interval": 0.95, "unit": "query"},
            "versions": versions(),
            "notes": list(self.notes),
            "figures": [
                {**asdict(figure), "name": figure.kind.label, "differs": _differs(figure)}
                for figure in self.figures
            ],
            "styles": [asdict(figure) for figure in self.styles],
            "mteb": list(self.compared.mteb),
        }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that figures depend on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _differs(figure: ComparedFigure) -> bool | None:
    difference = figure.comparison.difference
    return None if difference is None else not difference.holds_zero
