"""Picture of ranks before and after a change of the instruction: one line per document, as SVG."""

from __future__ import annotations

import html
from collections.abc import Sequence

#: Lines in the picture; more would not be told apart.
MAX_LINES = 60
_WIDTH, _HEIGHT, _TOP, _LEFT, _RIGHT = 420, 300, 34, 90, 330
#: Words and colour of each direction; the colours have enough contrast on white and on black.
_FELL, _KEPT, _ROSE = ("fell, as it should", "#16a34a"), ("kept its rank", "#64748b"), ("rose", "#dc2626")


def slope_plot(rows: Sequence[Sequence[str | int | float]]) -> str:
    """Draw the ranks of documents, from left (before) to right (after); rank 1 is at the top.

    :param rows: query, document, rank before, rank after, and more, which is not drawn.
    :return: HTML that screen readers pass over, as the table says the same; empty without rows.
    """
    if not rows:
        return ""
    shown = rows[:MAX_LINES]
    lowest = max(2, *(int(rank) for row in shown for rank in row[2:4]))
    lines = "".join(_line(row, lowest) for row in shown)
    heads = "".join(
        f'<text x="{x}" y="18" text-anchor="middle">{word}</text>'
        for x, word in ((_LEFT, "before"), (_RIGHT, "after"))
    )
    ends = "".join(
        f'<text x="{_LEFT - 40}" y="{_y(rank, lowest) + 4}" text-anchor="end">rank {rank}</text>'
        for rank in (1, lowest)
    )
    key = " · ".join(
        f'<span style="color:{colour}">■</span> {word}' for word, colour in (_FELL, _KEPT, _ROSE)
    )
    more = f" The first {MAX_LINES} of {len(rows):,} documents." if len(rows) > MAX_LINES else ""
    return (
        f'<figure aria-hidden="true" style="margin:0"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'style="width:100%;max-width:560px" fill="currentColor" font-size="13">{heads}{ends}{lines}</svg>'
        f"<figcaption>{key}.{more}</figcaption></figure>"
    )


def _line(row: Sequence[str | int | float], lowest: int) -> str:
    query, document, before, after = str(row[0]), str(row[1]), int(row[2]), int(row[3])
    colour = (_FELL if after > before else _ROSE if after < before else _KEPT)[1]
    start, end = _y(before, lowest), _y(after, lowest)
    name = html.escape(f"{query} {document}: {before} to {after}")
    label = html.escape(document if len(document) <= 14 else f"{document[:13]}…")
    return (
        f'<g fill="{colour}"><title>{name}</title>'
        f'<line x1="{_LEFT}" y1="{start}" x2="{_RIGHT}" y2="{end}" stroke="{colour}" stroke-width="2.5"/>'
        f'<circle cx="{_LEFT}" cy="{start}" r="5"/><circle cx="{_RIGHT}" cy="{end}" r="5"/>'
        f'<text x="{_RIGHT + 12}" y="{end + 4}">{label}</text></g>'
    )


def _y(rank: int, lowest: int) -> float:
    """Return the height of a rank in the picture."""
    return round(_TOP + (rank - 1) / (lowest - 1) * (_HEIGHT - _TOP - 20), 1)
