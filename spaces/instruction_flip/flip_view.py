"""HTML of the page's own parts. Every piece of foreign text passes through ``escape``.

The components that show it must use ``${value}`` as their template: gradio evaluates ``{{value}}`` twice,
and text such as ``${alert(1)}`` would then run.
"""

from __future__ import annotations

from html import escape

from flip_compare import Comparison, ModelResult
from flip_ranking import moves
from flip_types import Example, Passage, letter
from flip_words import MINUS, figure, passage_name, verdict, what_happened

#: Cards shown at once; the rest waits behind a disclosure.
SHOWN_CARDS = 10
_PREVIEW_CHARS = 600
_KINDS = (("base", "Base model"), ("trained", "Dual-view model"))

P_MRR_HELP = (
    "p-MRR of this set, times 100: how far the passage that instruction A wants falls once the instruction "
    "changes. Above 0 it fell, as it should; 0: it stayed; below 0 it rose."
)

HEADER = """<header class="flip-header"><h1>Flip the instruction</h1>
<p>One query, the same passages. Only the instruction changes. Which model notices?</p></header>"""

LOADING = """<p class="flip-status" role="status">
Loading the two models; the first ranking takes a few seconds …</p>"""


def query_html(example: Example) -> str:
    """Return the query as the page's second heading."""
    return (
        '<div class="flip-query"><span class="flip-label">Query</span>'
        f'<h2 dir="auto">{escape(example.query)}</h2></div>'
    )


def status_html(message: str) -> str:
    """Return a message in place of a ranking."""
    return f'<p class="flip-status is-error" role="alert" dir="auto">{escape(message)}</p>'


def boards_html(comparison: Comparison, before: int | None, after: int) -> str:
    """Return what happened to each model, in words and figures."""
    boards = "".join(
        _board(comparison.example, result, kind, title, before, after)
        for (kind, title), result in _both(comparison)
    )
    return f'<div class="flip-pair flip-boards" aria-live="polite">{boards}</div>'


def rankings_html(comparison: Comparison, before: int | None, after: int) -> str:
    """Return both rankings under view ``after`` as cards, with what moved since view ``before``."""
    panels = []
    for (kind, title), result in _both(comparison):
        name = f"Ranking of the {title.lower()} under instruction {letter(after)}"
        cards = _cards(comparison.example, result, kind, before, after)
        panels.append(f'<section class="flip-panel is-{kind}" aria-label="{name}">{cards}</section>')
    return f'<div class="flip-pair flip-panels">{"".join(panels)}</div>'


def note_html(lines: list[str]) -> str:
    """Return small print below the rankings."""
    return "".join(f'<p class="flip-note" dir="auto">{escape(line)}</p>' for line in lines)


def _both(comparison: Comparison) -> list[tuple[tuple[str, str], ModelResult]]:
    return list(zip(_KINDS, (comparison.base, comparison.trained), strict=True))


def _board(
    example: Example, result: ModelResult, kind: str, title: str, before: int | None, after: int
) -> str:
    said = verdict(result)
    if said is None:
        judged = '<p class="flip-verdict is-open">Not judged: no one has said which passage is right</p>'
    else:
        state, sign = ("is-right", "✓") if result.turned_over else ("is-wrong", "✗")
        judged = f'<p class="flip-verdict {state}"><span aria-hidden="true">{sign}</span> {escape(said)}</p>'
    p_mrr = ""
    if result.p_mrr is not None:
        p_mrr = (
            f'<p class="flip-figure" title="{escape(P_MRR_HELP)}">p-MRR '
            f"<strong>{figure(result.p_mrr)}</strong></p>"
        )
    words = what_happened(example, result, before, after)
    return (
        f'<section class="flip-board is-{kind}" aria-label="{title}"><div class="flip-board-top">'
        f'<h3>{title}</h3><span class="flip-model" dir="auto">{escape(result.name)}</span></div>'
        f'<div class="flip-board-top">{judged}{p_mrr}</div>'
        f'<p class="flip-words" dir="auto">{escape(words)}</p></section>'
    )


def _cards(example: Example, result: ModelResult, kind: str, before: int | None, after: int) -> str:
    ranking = result.rankings[after]
    flipped = before is not None and before != after
    gained = moves(result.rankings[before], ranking) if before is not None and flipped else {}
    numbers = {passage.docid: number for number, passage in enumerate(example.passages)}
    cards = []
    for place, (docid, score) in enumerate(zip(ranking.docids, ranking.scores, strict=True), 1):
        answers = [index for index, view in enumerate(example.views) if view.wanted == docid]
        move = _move(gained[docid], place) if flipped else ""
        key = f"{kind}-{numbers[docid]}"
        cards.append(_card(example.passage(docid), key, place, score, answers, after, move))
    shown, hidden = cards[:SHOWN_CARDS], cards[SHOWN_CARDS:]
    html = f'<ol class="flip-cards">{"".join(shown)}</ol>'
    if hidden:
        html += (
            f'<details class="flip-rest"><summary>Ranks {SHOWN_CARDS + 1} to {len(cards)}</summary>'
            f'<ol class="flip-cards" start="{SHOWN_CARDS + 1}">{"".join(hidden)}</ol></details>'
        )
    return html


def _card(
    passage: Passage, key: str, place: int, score: float, answers: list[int], after: int, move: str
) -> str:
    tags = "".join(
        f'<span class="flip-tag is-{letter(index).lower()}">what {letter(index)} asks for</span>'
        for index in answers
    )
    wanted = f" is-wanted is-{letter(after).lower()}" if after in answers else ""
    title = passage.title or passage_name(passage)
    return (
        f'<li class="flip-card{wanted}" data-key="{key}" data-rank="{place}">'
        f'<div class="flip-rank"><span class="flip-sr">Rank </span>{place}</div><div class="flip-body">'
        f'<div class="flip-card-top"><h4 dir="auto">{escape(title)}</h4>'
        f'<span class="flip-score" title="cosine similarity">{score:.3f}</span></div>'
        f'<div class="flip-tags">{tags}{move}</div>{_text(passage.text)}</div></li>'
    )


def _text(text: str) -> str:
    preview = text[:_PREVIEW_CHARS]
    return (
        f'<p class="flip-preview" dir="auto">{escape(preview)}</p>'
        f'<details class="flip-full"><summary>Read it all</summary><p dir="auto">{escape(text)}</p></details>'
    )


def _move(gained: int, place: int) -> str:
    if not gained:
        return f'<span class="flip-move is-same">= 0<span class="flip-sr"> stayed at {place}</span></span>'
    state, sign = ("is-up", "▲ +") if gained > 0 else ("is-down", f"▼ {MINUS}")
    word = "up" if gained > 0 else "down"
    return (
        f'<span class="flip-move {state}"><span aria-hidden="true">{sign}{abs(gained)}</span>'
        f'<span class="flip-sr">{word} {abs(gained)}, from {place + gained} to {place}</span></span>'
    )
