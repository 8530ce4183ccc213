"""Result of an evaluation: figures with intervals, and how they were made."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from dualview.trainer.evaluation.comparison.compare_models import ComparedModels
from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.comparison.significance import RESAMPLES
from dualview.trainer.evaluation.comparison.suites import SuiteTable
from dualview.trainer.evaluation.model_names import display_name
from dualview.trainer.evaluation.report.figure_tables import (
    HEADERS,
    figure_rows,
    table_headers,
    terminal_table,
)
from dualview.trainer.evaluation.report.view_groups import (
    KIND_TITLE,
    LEVER_TITLE,
    STYLE_TITLE,
    compare_kinds,
    compare_levers,
    compare_styles,
)

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
class Baseline:
    """What a model is compared with.

    :param template: how query and instruction were joined for it.
    """

    name: str
    template: str


@dataclass(frozen=True)
class Evaluation:
    """Figures of a model, alone or beside baselines; ``print`` shows them as a table.

    :param model: name of the model.
    :param template: how query and instruction were joined for it.
    :param baselines: what it is compared with.
    :param command: the command or the call that made the figures.
    :param seconds: wall-clock time of the evaluation.
    :param compared: figures, and outcomes set by set.
    :param suite: the suite's own table, where one was run.
    :param notes: what was left out of the data or found odd, a sentence each.
    """

    model: str
    template: str
    baselines: tuple[Baseline, ...]
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
    def baseline(self) -> str | None:
        """Name of the first baseline; None without one."""
        return self.baselines[0].name if self.baselines else None

    @property
    def is_paired(self) -> bool:
        """Tell whether there is a baseline."""
        return bool(self.baselines)

    @property
    def names(self) -> tuple[str, ...]:
        """Names for people that tell the systems apart: that of the model, and of each baseline."""
        full = [self.model, *(baseline.name for baseline in self.baselines)]
        short = [display_name(name) for name in full]
        return tuple(
            name if short.count(name) == 1 else whole for name, whole in zip(short, full, strict=True)
        )

    @cached_property
    def kinds(self) -> list[ComparedFigure]:
        """Figures by the kind of the instruction, where that is known."""
        return compare_kinds(self.compared.sets)

    @cached_property
    def levers(self) -> list[ComparedFigure]:
        """Figures by the group of the instruction's lever, where that is known."""
        return compare_levers(self.compared.sets)

    @cached_property
    def styles(self) -> list[ComparedFigure]:
        """Figures by the style of the instruction, where that is known."""
        return compare_styles(self.compared.sets)

    @property
    def view_groups(self) -> list[tuple[str, list[ComparedFigure]]]:
        """Titled figures of groups of instructions, without those that the data say nothing of."""
        titled = ((KIND_TITLE, self.kinds), (LEVER_TITLE, self.levers), (STYLE_TITLE, self.styles))
        return [(title, figures) for title, figures in titled if figures]

    @property
    def mteb_scores(self) -> list[tuple[dict[str, Any], list[float | None]]]:
        """Each task that mteb's own code measured, and its main score of every baseline and of the model."""
        return [(one, _main_scores(one)) for one in self.compared.mteb]

    @property
    def count(self) -> int:
        """How many figures the report shows."""
        return len(self.figures) + sum(len(figures) for _, figures in self.view_groups)

    def __str__(self) -> str:
        """Lay the figures out as a table, and the suite's below it."""
        table = terminal_table(figure_rows(self.figures), table_headers(HEADERS, self.names[1:]))
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
            "baseline_template": self.baselines[0].template if self.baselines else None,
            "further_baselines": [asdict(baseline) for baseline in self.baselines[1:]],
            "seconds": round(self.seconds, 1),
            "bootstrap": {"resamples": RESAMPLES, "interval": 0.95, "unit": "query"},
            "versions": versions(),
            "notes": list(self.notes),
            "figures": [
                {**asdict(figure), "name": figure.kind.label, "differs": _differs(figure)}
                for figure in self.figures
            ],
            "kinds": [asdict(figure) for figure in self.kinds],
            "levers": [asdict(figure) for figure in self.levers],
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


def _main_scores(one: Mapping[str, Any]) -> list[float | None]:
    before = [one["baseline_scores"], *one["further_scores"]] if "baseline_scores" in one else []
    return [scores.get(one["main_score"]) for scores in (*before, one["scores"])]


def _differs(figure: ComparedFigure) -> bool | None:
    difference = figure.comparison.difference
    return None if difference is None else not difference.holds_zero
