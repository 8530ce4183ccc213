"""Suites of benchmarks whose figures others have published, from ``suites.yaml``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.mteb.tasks import PREFIX
from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.comparison.significance import Interval

#: The shipped practical sets, or those of the suite's folder.
PRACTICAL = "shipped:practical"
_FILE = Path(__file__).with_name("suites.yaml")


@dataclass(frozen=True)
class SuiteTable:
    """Measured rows above published ones; all cells but the first of a row are figures x100."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


@dataclass(frozen=True)
class Suite:
    """Benchmarks that are measured together, and published rows.

    :param benchmarks: ``mteb:NAME``, :data:`PRACTICAL`, or the name of a local folder in the suite's folder.
    """

    title: str
    note: str
    benchmarks: tuple[str, ...]
    columns: tuple[dict[str, str], ...]
    published: tuple[list[Any], ...]

    def locate(self, folder: Path | None) -> list[str]:
        """Name the benchmarks as ``--benchmark`` does.

        :param folder: holds the suite's local benchmarks.
        :raises InputError: if one of them is missing.
        """
        located = []
        for name in self.benchmarks:
            if name.startswith(PREFIX) or name == PRACTICAL:
                located.append(name)
            elif folder is None or not (folder / name).is_dir():
                raise InputError(
                    f"the suite needs the folder {name!r} in its folder (--suite-folder); make it from the "
                    "published files with dualview convert"
                )
            else:
                located.append(str(folder / name))
        return located

    def table(self, figures: Iterable[ComparedFigure], model: str, *baselines: str) -> SuiteTable:
        """Put the measured columns above the published ones.

        :param model: its name in the table; ``baselines`` likewise, in the order of the comparisons.
        """
        found = {
            (figure.dataset, figure.metric): figure.comparison for figure in figures if not figure.subset
        }
        measured = [found.get((column["dataset"], column["metric"])) for column in self.columns]
        rows = [(model, *(_cell(one.model if one else None) for one in measured))]
        for number, name in enumerate(baselines):
            against = [one.against[number].baseline if one else None for one in measured]
            rows.append((name, *map(_cell, against)))
        published = [
            (f"{name} (published)", *(f"{v:.2f}" for v in values)) for name, *values in self.published
        ]
        headers = ("", *(column["title"] for column in self.columns))
        return SuiteTable(self.title, headers, (*rows, *published), self.note)


def _cell(interval: Interval | None) -> str:
    return "" if interval is None else f"{100 * interval.value:.2f}"


def load_suite(name: str) -> Suite:
    """Load a suite by name.

    :raises InputError: if there is none of that name.
    """
    suites = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    if name not in suites:
        raise InputError(f"no suite {name!r}; there is {', '.join(suites)}")
    suite = suites[name]
    return Suite(
        title=suite["title"],
        note=suite["note"],
        benchmarks=tuple(suite["benchmarks"]),
        columns=tuple(suite["columns"]),
        published=tuple(suite["published"]),
    )
