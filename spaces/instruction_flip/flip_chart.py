"""The slope chart: each passage is a line from its rank under one instruction to its rank under the next.

The first ``TOP`` ranks are drawn one by one; what lies deeper is drawn on one row below them.
"""

from __future__ import annotations

from html import escape

from flip_compare import ModelResult
from flip_ranking import TOP
from flip_types import Example, letter
from flip_words import passage_name

_LEFT, _STEP, _TOP, _ROW, _RIGHT = 30, 118, 26, 20, 30
#: Passages told to those who do not see the chart.
_TOLD = 10


def slope_chart(example: Example, result: ModelResult, shown: int) -> str:
    """Return an inline SVG with one column an instruction and one line a passage.

    Lines of passages that an instruction wants end in its letter, so that colour is not all that tells them.

    :param shown: index of the view that the page shows now; its column is marked.
    """
    count = len(result.rankings[0].docids)
    rows = min(count, TOP) + (count > TOP)
    columns = len(result.rankings)
    width = _LEFT + _STEP * (columns - 1) + _RIGHT
    height = _TOP + _ROW * rows
    docids = dict.fromkeys(docid for ranking in result.rankings for docid in ranking.docids[:TOP])
    answers = {view.wanted: index for index, view in enumerate(example.views) if view.wanted is not None}
    # Drawn last, so that nothing lies over them.
    ordered = sorted(docids, key=lambda docid: docid in answers)
    lines = "".join(_line(result, docid, answers.get(docid)) for docid in ordered)
    heads = "".join(_head(index, index == shown) for index in range(columns))
    numbers = "".join(_numbers(side, rows, count) for side in (_LEFT - 17, width - _RIGHT + 17))
    label = escape(_told(example, result, list(reversed(ordered))))
    return (
        f'<svg class="flip-chart" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">'
        f"{heads}{numbers}{lines}</svg>"
    )


def _line(result: ModelResult, docid: str, wanted_by: int | None) -> str:
    points = [
        (_x(index), _y(ranking.rank_of(docid)), ranking.rank_of(docid))
        for index, ranking in enumerate(result.rankings)
    ]
    name = "" if wanted_by is None else f" is-{letter(wanted_by).lower()}"
    path = " ".join(f"{x},{y}" for x, y, _ in points)
    ends = "".join(_end(x, y, rank, wanted_by) for x, y, rank in points)
    return f'<g class="flip-slope{name}"><polyline points="{path}"/>{ends}</g>'


def _end(x: int, y: int, rank: int, wanted_by: int | None) -> str:
    if wanted_by is None:
        return f'<circle cx="{x}" cy="{y}" r="3"/>'
    deep = f"<title>rank {rank}</title>" if rank > TOP else ""
    return f'<circle cx="{x}" cy="{y}" r="8"/><text x="{x}" y="{y + 4}">{letter(wanted_by)}</text>{deep}'


def _head(index: int, is_shown: bool) -> str:
    state = " is-shown" if is_shown else ""
    return (
        f'<g class="flip-chart-head is-{letter(index).lower()}{state}">'
        f'<rect x="{_x(index) - 11}" y="1" width="22" height="16" rx="8"/>'
        f'<text x="{_x(index)}" y="13">{letter(index)}</text></g>'
    )


def _numbers(x: int, rows: int, count: int) -> str:
    texts = []
    for row in range(1, rows + 1):
        text = str(row) if row <= TOP else f"{TOP + 1}+"
        texts.append(f'<text x="{x}" y="{_y(row) + 4}">{text}</text>')
    return f'<g class="flip-chart-ranks">{"".join(texts)}</g>'


def _x(column: int) -> int:
    return _LEFT + _STEP * column


def _y(rank: int) -> int:
    return _TOP + _ROW * min(rank - 1, TOP) + _ROW // 2 - 2


def _told(example: Example, result: ModelResult, docids: list[str]) -> str:
    names = " to ".join(letter(index) for index in range(len(result.rankings)))
    paths = []
    for docid in docids[:_TOLD]:
        ranks = " to ".join(str(ranking.rank_of(docid)) for ranking in result.rankings)
        paths.append(f"{passage_name(example.passage(docid))} {ranks}")
    more = f"; and {len(docids) - _TOLD} more" if len(docids) > _TOLD else ""
    return f"Slope chart of ranks under {names}, {result.role.lower()}: {'; '.join(paths)}{more}."
