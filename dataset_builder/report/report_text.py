"""A report as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dualview.cards.text import one_line, shorten
from dualview.dataset_builder.report.facts import ReportFacts
from dualview.dataset_builder.report.report_tables import Table

_CELL = 60


def show_tables(facts: ReportFacts, tables: Sequence[Table]) -> str:
    """The tables as text for a terminal, without control characters."""
    lines = [f"{one_line(facts.name)}{'' if facts.finished else ' (not finished)'}"]
    for table in tables:
        lines += ["", table.title, *(_blocks(table) if table.wide else _lines(table))]
    return "\n".join(lines) + "\n"


def _blocks(table: Table) -> Iterator[str]:
    """Each row as lines of its own, under its first two cells."""
    for row in table.rows:
        yield "  " + ", ".join(shorten(cell, _CELL) for cell in row[:2])
        for header, cell in list(zip(table.headers, row, strict=True))[2:]:
            if cell:
                yield f"    {header}: {shorten(cell, 2 * _CELL)}"


def _lines(table: Table) -> Iterator[str]:
    cells = [[shorten(cell, _CELL) for cell in row] for row in [table.headers, *table.rows]]
    widths = [max(len(row[place]) for row in cells) for place in range(len(table.headers))]
    for number, row in enumerate(cells):
        shown = (
            cell.rjust(width) if place in table.numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  " + "  ".join(shown).rstrip()
        if not number:
            yield "  " + "  ".join("-" * width for width in widths)
