"""Compared figures as a table: cells, and their layout for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dualview.cards.text import Markdown, one_line, table
from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.comparison.significance import Interval

HEADERS = ("Measured on", "Figure", "Queries", "Chance", "Baseline", "Model", "Difference")
_NUMBERS = range(2, len(HEADERS))


def figure_rows(figures: Iterable[ComparedFigure]) -> list[list[str]]:
    """Return the cells of one row a figure; fractions are shown x100, intervals in brackets."""
    return [_row(figure) for figure in figures]


def terminal_table(rows: Sequence[Sequence[str]], headers: Sequence[str] = HEADERS) -> str:
    """Lay rows out in columns of equal width; all columns but the first two hold numbers."""
    lines = [list(headers), *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in _NUMBERS else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def markdown_table(figures: Sequence[ComparedFigure]) -> Markdown:
    """Write the figures as a GFM table; names from the data are escaped."""
    return table(HEADERS, figure_rows(figures), numbers=_NUMBERS)


def shown_value(figure: ComparedFigure, value: float, sign: str = "") -> str:
    """One of a figure's values as people read it: x100 to one place, or as it is to three."""
    shown = f"{100 * value:{sign}.1f}" if figure.kind.percent else f"{value:{sign}.3f}"
    # Rounding leaves a sign at a zero.
    return shown if any(digit in "123456789" for digit in shown) else shown.replace("-", sign and "+")


def shown_interval(figure: ComparedFigure, interval: Interval, sign: str = "") -> str:
    """An interval in brackets."""
    return f"({shown_value(figure, interval.low, sign)} to {shown_value(figure, interval.high, sign)})"


def shown_difference(figure: ComparedFigure) -> str:
    """The difference with its interval; "no difference" where that holds zero."""
    difference = figure.comparison.difference
    brackets = shown_interval(figure, difference, "+")
    if difference.holds_zero:
        return f"no difference {brackets}"
    return f"{shown_value(figure, difference.value, '+')} {brackets}"


def _row(figure: ComparedFigure) -> list[str]:
    compared = figure.comparison
    return [
        figure.measured_on,
        figure.kind.label,
        f"{compared.queries:,}",
        "" if figure.chance is None else shown_value(figure, figure.chance),
        shown_value(figure, compared.baseline.value),
        f"{shown_value(figure, compared.model.value)} {shown_interval(figure, compared.model)}",
        shown_difference(figure),
    ]
