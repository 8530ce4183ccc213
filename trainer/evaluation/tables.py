"""Compared figures as a table: for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cards.text import Markdown, one_line, table
from trainer.evaluation.comparison import ComparedFigure
from trainer.evaluation.significance import Interval

HEADERS = ("Measured on", "Figure", "Queries", "Chance", "Baseline", "Model", "Difference")
# Figures that are a difference of cosines rather than a share: shown as they are, to three places.
_PLAIN = {"margin"}
_NUMBERS = range(2, len(HEADERS))


def figure_rows(figures: Iterable[ComparedFigure]) -> list[list[str]]:
    """Return the cells of one row a figure; fractions are shown x100, intervals in brackets."""
    return [_row(figure) for figure in figures]


def terminal_table(figures: Sequence[ComparedFigure]) -> str:
    """Lay the figures out in columns of equal width, one line a figure."""
    rows = [list(HEADERS), *([one_line(cell) for cell in row] for row in figure_rows(figures))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADERS))]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in _NUMBERS else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def markdown_table(figures: Sequence[ComparedFigure]) -> Markdown:
    """Write the figures as a GFM table; names from the data are escaped."""
    return table(HEADERS, figure_rows(figures), numbers=_NUMBERS)


def _row(figure: ComparedFigure) -> list[str]:
    plain = figure.metric in _PLAIN
    compared = figure.comparison
    return [
        ", ".join(part for part in (figure.dataset, figure.split, figure.subset) if part),
        figure.name,
        f"{compared.queries:,}",
        "" if figure.chance is None else _number(figure.chance, plain),
        _number(compared.baseline.value, plain),
        f"{_number(compared.model.value, plain)} {_brackets(compared.model, plain)}",
        _difference(compared.difference, plain),
    ]


def _difference(difference: Interval, plain: bool) -> str:
    brackets = _brackets(difference, plain, sign="+")
    if difference.holds_zero:
        return f"no difference {brackets}"
    return f"{_number(difference.value, plain, '+')} {brackets}"


def _brackets(interval: Interval, plain: bool, sign: str = "") -> str:
    return f"({_number(interval.low, plain, sign)} to {_number(interval.high, plain, sign)})"


def _number(value: float, plain: bool, sign: str = "") -> str:
    return f"{value:{sign}.3f}" if plain else f"{100 * value:{sign}.1f}"
