"""Slope chart: one line per passage, from its rank under one instruction to its rank under the next.

The first ``TOP`` ranks have a row each; all lower ranks share one row below them.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from flip.engine.compare import ModelResult
from flip.engine.ranking import TOP
from flip.html.words import passage_name
from flip.types import Example, letter

_LEFT, _STEP, _TOP, _RIGHT = 30, 118, 26, 30
#: Row height and radius of the lettered line ends, for up to four rows and for more.
_AIRY, _DENSE = (20, 8), (15, 7)
#: Passages listed in the text alternative of the chart.
_LISTED = 10


def slope_chart(example: Example, result: ModelResult, shown: int) -> str:
    """Return an inline SVG with one column per instruction and one line per passage.

    The line of a relevant passage ends in the letter of its instruction, so that colour is not the only cue.

    :param shown: index of the current view; its column is highlighted.
    """
    count = len(result.rankings[0].docids)
    rows = min(count, TOP) + (count > TOP)
    frame = _Frame(rows, len(result.rankings))
    docids = dict.fromkeys(docid for ranking in result.rankings for docid in ranking.docids[:TOP])
    answers = {view.wanted: index for index, view in enumerate(example.views) if view.wanted is not None}
    # Relevant passages are drawn last, on top of the others.
    ordered = sorted(docids, key=lambda docid: docid in answers)
    lines = "".join(_line(frame, result, docid, answers.get(docid)) for docid in ordered)
    heads = "".join(_head(frame, index, index == shown) for index in range(frame.columns))
    numbers = "".join(_numbers(frame, x) for x in (_LEFT - 17, frame.width - _RIGHT + 17))
    label = escape(_text_alternative(example, result, list(reversed(ordered))))
    size = "flip-chart is-wide" if frame.columns > 2 else "flip-chart"
    return (
        f'<svg class="{size}" viewBox="0 0 {frame.width} {frame.height}" role="img" aria-label="{label}">'
        f"{heads}{numbers}{lines}</svg>"
    )


@dataclass(frozen=True)
class _Frame:
    """Geometry of the chart, in SVG units."""

    rows: int
    columns: int

    @property
    def row(self) -> int:
        return (_AIRY if self.rows <= 4 else _DENSE)[0]

    @property
    def radius(self) -> int:
        return (_AIRY if self.rows <= 4 else _DENSE)[1]

    @property
    def width(self) -> int:
        return _LEFT + _STEP * (self.columns - 1) + _RIGHT

    @property
    def height(self) -> int:
        return _TOP + self.row * self.rows

    def x(self, column: int) -> int:
        return _LEFT + _STEP * column

    def y(self, rank: int) -> int:
        return _TOP + self.row * min(rank - 1, TOP) + self.row // 2 - 2


def _line(frame: _Frame, result: ModelResult, docid: str, wanted_by: int | None) -> str:
    ranks = [ranking.rank_of(docid) for ranking in result.rankings]
    points = [(frame.x(column), frame.y(rank)) for column, rank in enumerate(ranks)]
    name = "" if wanted_by is None else f" is-{letter(wanted_by).lower()}"
    path = " ".join(f"{x},{y}" for x, y in points)
    ends = "".join(_end(frame, x, y, wanted_by) for x, y in points)
    return f'<g class="flip-slope{name}"><polyline points="{path}"/>{ends}</g>'


def _end(frame: _Frame, x: int, y: int, wanted_by: int | None) -> str:
    if wanted_by is None:
        return f'<circle cx="{x}" cy="{y}" r="3"/>'
    return (
        f'<circle cx="{x}" cy="{y}" r="{frame.radius}"/><text x="{x}" y="{y + 4}">{letter(wanted_by)}</text>'
    )


def _head(frame: _Frame, column: int, is_shown: bool) -> str:
    state, x = " is-shown" if is_shown else "", frame.x(column)
    return (
        f'<g class="flip-chart-head is-{letter(column).lower()}{state}">'
        f'<rect x="{x - 11}" y="1" width="22" height="16" rx="8"/>'
        f'<text x="{x}" y="13">{letter(column)}</text></g>'
    )


def _numbers(frame: _Frame, x: int) -> str:
    labels = [str(row) if row <= TOP else f"{TOP + 1}+" for row in range(1, frame.rows + 1)]
    texts = [f'<text x="{x}" y="{frame.y(row) + 4}">{label}</text>' for row, label in enumerate(labels, 1)]
    return f'<g class="flip-chart-ranks">{"".join(texts)}</g>'


def _text_alternative(example: Example, result: ModelResult, docids: list[str]) -> str:
    names = " to ".join(letter(index) for index in range(len(result.rankings)))
    paths = []
    for docid in docids[:_LISTED]:
        ranks = " to ".join(str(ranking.rank_of(docid)) for ranking in result.rankings)
        paths.append(f"{passage_name(example.passage(docid))} {ranks}")
    more = f"; and {len(docids) - _LISTED} more" if len(docids) > _LISTED else ""
    return f"Slope chart of ranks under {names}, {result.role.lower()}: {'; '.join(paths)}{more}."
