"""Shows yields, rejections, costs and speed of a build with a language model.

    dualview report runs/mine/dataset

RUN is the folder of a dataset, built or still being built, or a ledger. The tables go to the terminal, and
the same with plots to a page: one HTML file that needs nothing else. It works while the build is running.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dualview.cards.terminal import write_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.description = __doc__
    parser.add_argument("run_path", type=Path, metavar="RUN", help="the folder of a dataset, or a ledger")
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="the ledger (default: RUN.ledger.sqlite)")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="file of the page (default: RUN.report.html)"
    )
    parser.add_argument(
        "--examples",
        type=int,
        default=3,
        metavar="N",
        help="examples of each reason for rejection (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the tables and the page, and return the exit code 0.

    :raises InputError: if there is neither a dataset nor a ledger, or the page cannot be written.
    """
    # matplotlib takes a second to import.
    from dualview.dataset_builder.report.facts import collect_facts
    from dualview.dataset_builder.report.page import page_path, write_page
    from dualview.dataset_builder.report.report_tables import make_tables
    from dualview.dataset_builder.report.report_text import show_tables

    facts = collect_facts(args.run_path, args.ledger, args.examples)
    tables = make_tables(facts)
    sys.stdout.write(show_tables(facts, tables))
    path = args.html or page_path(args.run_path)
    write_page(path, facts, tables)
    write_line(f"The same with plots: {path}")
    return 0
