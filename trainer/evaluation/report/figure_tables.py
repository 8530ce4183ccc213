"""Compared figures as a table: cells, and their layout for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from dualview.cards.text import Markdown, one_line, table
from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.comparison.significance import Interval

HEADERS = ("Measured on", "Figure", "Queries", "Chance")
#: Columns from this one on hold numbers.
FIRST_NUMBER = 2
#: Name of the row in which rare groups are put together.
OTHERS = "all others"

_Member = TypeVar("_Member")


def table_headers(headers: Sequence[str] = HEADERS, baselines: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the headers of a table of figures: of each baseline, of the model, and of its differences.

    :param headers: of the columns before those.
    :param baselines: names of the baselines, which stand in the headers where there are several.
    """
    if len(baselines) == 1:
        return (*headers, "Baseline", "Model", "Difference")
    return (*headers, *baselines, "Model", *(f"Model minus {name}" for name in baselines))


def figure_rows(figures: Iterable[ComparedFigure]) -> list[list[str]]:
    """Return the cells of one row a figure; fractions are shown x100, intervals in brackets."""
    return [_row(figure) for figure in figures]


def terminal_table(rows: Sequence[Sequence[str]], headers: Sequence[str]) -> str:
    """Lay rows out in columns of equal width; all columns but the first two hold numbers."""
    lines = [[one_line(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column >= FIRST_NUMBER else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def markdown_table(figures: Sequence[ComparedFigure], baselines: Sequence[str] = ()) -> Markdown:
    """Write the figures as a GFM table; names from the data are escaped."""
    headers = table_headers(HEADERS, baselines)
    return table(headers, figure_rows(figures), numbers=range(FIRST_NUMBER, len(headers)))


def most_frequent(groups: Mapping[str, Sequence[_Member]], shown: int) -> list[tuple[str, Sequence[_Member]]]:
    """Order groups by size, then by name; from the ``shown``-th on they are one.

    :param groups: members by name.
    """
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    if len(ordered) <= shown:
        return ordered
    rest = [member for _, members in ordered[shown - 1 :] for member in members]
    return [*ordered[: shown - 1], (OTHERS, rest)]


def shown_value(figure: ComparedFigure, value: float, sign: str = "") -> str:
    """Format one of a figure's values: x100 to one place, or as it is to three."""
    shown = f"{100 * value:{sign}.1f}" if figure.kind.percent else f"{value:{sign}.3f}"
    # Rounding leaves a sign at a zero.
    return shown if any(digit in "123456789" for digit in shown) else shown.replace("-", sign and "+")


def shown_interval(figure: ComparedFigure, interval: Interval, sign: str = "") -> str:
    """Format an interval in brackets."""
    return f"({shown_value(figure, interval.low, sign)} to {shown_value(figure, interval.high, sign)})"


def shown_difference(figure: ComparedFigure, difference: Interval) -> str:
    """Format a difference with its interval; "no difference" where that includes zero."""
    brackets = shown_interval(figure, difference, "+")
    if difference.holds_zero:
        return f"no difference {brackets}"
    return f"{shown_value(figure, difference.value, '+')} {brackets}"


def _row(figure: ComparedFigure) -> list[str]:
    compared = figure.comparison
    cells = [
        figure.measured_on,
        figure.kind.label,
        f"{compared.queries:,}",
        "" if figure.chance is None else shown_value(figure, figure.chance),
    ]
    for one in compared.against:
        cells.append("" if one.baseline is None else shown_value(figure, one.baseline.value))
    cells.append(f"{shown_value(figure, compared.model.value)} {shown_interval(figure, compared.model)}")
    for one in compared.against:
        cells.append("" if one.difference is None else shown_difference(figure, one.difference))
    return cells
