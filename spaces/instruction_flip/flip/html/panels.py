"""HTML of the two rankings, side by side. All text from outside is escaped.

The components that show it must use ``${value}`` as their template: gradio evaluates ``{{value}}`` twice,
so that text such as ``${alert(1)}`` would run.
"""

from __future__ import annotations

from html import escape

from flip.engine.compare import Comparison, ModelResult
from flip.engine.ranking import TOP, moves
from flip.html.chart import slope_chart
from flip.html.rows import Row, row_html
from flip.html.words import FLIP_HELP, P_MRR_HELP, figure, headline, under_headline, verdict
from flip.types import NEUTRAL, Example, letter, under

#: Maximum number of rows per ranking; lower ranks are not shown.
MAX_ROWS = 200
_KINDS = ("base", "trained")


def rankings_html(comparison: Comparison, before: int | None, after: int, link: str | None) -> str:
    """Return both rankings under view ``after``, with rank changes since view ``before``.

    :param before: None if nothing was flipped yet; then there is no chart either.
    :param link: fragment for the page's address; None if the text is too long for a link.
    """
    example = comparison.example
    panels = "".join(
        _panel(comparison, result, kind, before, after)
        for kind, result in zip(_KINDS, (comparison.base, comparison.trained), strict=True)
    )
    shown = f'data-set="{escape(example.set_id)}"' if example.kind == "example" else ""
    return f'<div class="flip-pair" data-link="{escape(link or "")}" {shown}>{panels}</div>'


def _panel(comparison: Comparison, result: ModelResult, kind: str, before: int | None, after: int) -> str:
    example = comparison.example
    name = escape(f"Ranking of the {result.role.lower()}, {under(after)}")
    ranking, wanted = result.ranking(after), None if after == NEUTRAL else example.views[after].wanted
    state = "" if wanted is None else " is-right" if ranking.docids[0] == wanted else " is-wrong"
    sign = {"": "", " is-right": "✓ ", " is-wrong": "✗ "}[state]
    judged = verdict(result) if before is not None else None
    chip = "" if judged is None else f'<span class="flip-verdict{_state(result)}">{escape(judged)}</span>'
    return (
        f'<section class="flip-panel is-{kind}" aria-label="{name}">'
        f'<div class="flip-panel-head"><h3>{escape(result.role)}</h3>'
        f'<span class="flip-model" dir="auto">{escape(result.name)}</span>{chip}</div>'
        f'<p class="flip-words{state}" aria-live="polite" dir="auto">'
        f'<span class="flip-sr">{escape(result.role)}: </span>'
        f'<strong><span aria-hidden="true">{sign}</span>{escape(headline(example, result, before, after))}'
        f"</strong> <span>{escape(under_headline(example, result, before, after))}</span></p>"
        f"{_rows(comparison, result, kind, before, after)}"
        f"{_chart(example, result, after) if before is not None else ''}</section>"
    )


def _state(result: ModelResult) -> str:
    return " is-right" if result.obeys_all else " is-wrong"


def _rows(comparison: Comparison, result: ModelResult, kind: str, before: int | None, after: int) -> str:
    example, ranking = comparison.example, result.ranking(after)
    flipped = before is not None and before != after
    gained = moves(result.ranking(before), ranking) if before is not None and flipped else {}
    numbers = {passage.docid: number for number, passage in enumerate(example.passages)}
    wanted = None if after == NEUTRAL else example.views[after].wanted
    rows = []
    # A corpus search shows only the top ranks; the user's own passages are all shown.
    depth = TOP if len(ranking.docids) > MAX_ROWS else MAX_ROWS
    best = zip(ranking.docids[:depth], ranking.scores, strict=False)
    for place, (docid, score) in enumerate(best, 1):
        row = Row(
            passage=example.passage(docid),
            number=numbers[docid],
            kind=kind,
            place=place,
            score=score,
            wanted_by=tuple(n for n, view in enumerate(example.views) if view.wanted == docid),
            is_wanted=docid == wanted,
            gained=gained[docid] if flipped else None,
            read=comparison.cuts.get(docid),
            is_explained=after != NEUTRAL,
        )
        rows.append(row_html(row))
    html = f'<ol class="flip-cards">{"".join(rows[:TOP])}</ol>'
    if len(ranking.docids) > MAX_ROWS:
        html += f'<p class="flip-note">The first {TOP} of {len(ranking.docids):,} passages.</p>'
    elif rows[TOP:]:
        html += (
            f'<details class="flip-rest"><summary>Ranks {TOP + 1} to {len(rows)}</summary>'
            f'<ol class="flip-cards" start="{TOP + 1}">{"".join(rows[TOP:])}</ol></details>'
        )
    return html


def _chart(example: Example, result: ModelResult, after: int) -> str:
    figures = ""
    if result.p_mrr is not None:
        help_ = f"{P_MRR_HELP} {FLIP_HELP}"
        figures = (
            f'<p class="flip-figures">p-MRR <strong>{figure(result.p_mrr)}</strong> · flip '
            f"<strong>{'yes' if result.obeys_all else 'no'}</strong></p>"
            '<details class="flip-help"><summary aria-label="What the chart and figures mean">?</summary>'
            f"<p>{escape(help_)}</p></details>"
        )
    if example.labelled:
        names = [letter(index) for index in range(len(example.views))]
        key = "A line is a passage. Right: " + ", ".join(
            f"<b>{name}</b> on top under {name}" for name in names
        )
    else:
        key = "A line joins the ranks of one passage under A and B"
    return (
        f'<div class="flip-charted">{slope_chart(example, result, after)}'
        f'<div><p class="flip-key">{key}.</p>{figures}</div></div>'
    )
