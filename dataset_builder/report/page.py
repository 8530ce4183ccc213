"""The report as one HTML page that needs nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from dualview.cards.errors import InputError
from dualview.cards.text import one_line, shorten
from dualview.dataset_builder.llm.ledger import SUFFIX
from dualview.dataset_builder.report.facts import ReportFacts
from dualview.dataset_builder.report.plots import make_plots
from dualview.dataset_builder.report.report_tables import Table

_CELL = 600


def page_path(run: Path) -> Path:
    """The default path of the page: beside the dataset, because the folder is published."""
    path = Path(os.path.realpath(run.expanduser()))
    return path.with_name(path.name.removesuffix(SUFFIX) + ".report.html")


def write_page(path: Path, facts: ReportFacts, tables: Sequence[Table]) -> None:
    """Write the page, in one step.

    :raises InputError: if it cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("dualview.dataset_builder", "report"),
        undefined=StrictUndefined,
        autoescape=True,  # names and examples come from models and corpora
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = lambda text: shorten(text, _CELL)
    text = environment.get_template("report.html.jinja").render(
        name=one_line(facts.name), finished=facts.finished, tables=tables, plots=make_plots(facts)
    )
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); name another file with --html"
        ) from error
