"""HTML of the query, the two boards and the two rankings. All text from outside is escaped.

The components that show it must use ``${value}`` as their template: gradio evaluates ``{{value}}`` twice,
so that text such as ``${alert(1)}`` would run.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from flip.engine.compare import Comparison, ModelResult
from flip.engine.ranking import TOP, moves
from flip.page.chart import slope_chart
from flip.page.words import MINUS, figure, passage_name, verdict, what_happened
from flip.types import Example, Passage, letter

#: Maximum number of cards per ranking; lower ranks are not shown.
MAX_CARDS = 200
#: Characters of a passage shown before and after it is opened; the models get the full text.
_PREVIEW_CHARS, _FULL_CHARS = 300, 4_000
_KINDS = ("base", "trained")

P_MRR_HELP = (
    f"p-MRR: measures, from {MINUS}100 to 100, how far the passage relevant under A falls when the "
    "instruction changes. Above 0: it fell, as it should; 0: it kept its rank; below 0: it rose."
)
FLIP_HELP = "Flip: yes if every instruction has its own passage at rank 1."

HEADER = """<header class="flip-header"><h1>Flip the instruction</h1>
<p>One query, the same passages. Only the instruction changes. Which model follows it?</p></header>"""

LOADING = """<p class="flip-status" role="status">
Loading the two models; the first ranking takes a few seconds …</p>"""

BUSY = "This page is busy: too many requests are waiting for the models. Reload it in a few seconds."


def query_html(example: Example) -> str:
    """Return the query as a heading of level 2."""
    return (
        '<div class="flip-query"><span class="flip-label">Query</span>'
        f'<h2 dir="auto">{escape(example.query)}</h2></div>'
    )


def status_html(message: str) -> str:
    """Return a message in place of a ranking."""
    return f'<p class="flip-status is-error" role="alert" dir="auto">{escape(message)}</p>'


def message_html(message: str, *, is_error: bool = False) -> str:
    """Return a short message beside a form."""
    state = " is-error" if is_error else ""
    return f'<p class="flip-message{state}" role="status" dir="auto">{escape(message)}</p>'


def tab_choices(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the labels of the model tabs on a phone: role, and ✓ or ✗ for all views right or not."""
    labels = []
    for kind, result in _both(comparison):
        sign = "" if result.right is None else " ✓" if result.obeys_all else " ✗"
        labels.append((f"{result.role}{sign}", kind))
    return labels


def boards_html(comparison: Comparison, after: int) -> str:
    """Return the boards of both models: verdict, figures, and the chart of ranks."""
    boards = "".join(_board(comparison.example, result, kind, after) for kind, result in _both(comparison))
    return f'<div class="flip-pair flip-boards">{boards}</div>{_key(comparison.example)}'


def rankings_html(comparison: Comparison, before: int | None, after: int, link: str | None) -> str:
    """Return both rankings under view ``after`` as cards, with rank changes since view ``before``.

    :param link: fragment for the page's address; None if the text is too long for a link.
    """
    panels = []
    for kind, result in _both(comparison):
        name = escape(f"Ranking of the {result.role.lower()} under instruction {letter(after)}")
        words = escape(what_happened(comparison.example, result, before, after))
        cards = _cards(comparison.example, result, kind, before, after)
        panels.append(
            f'<section class="flip-panel is-{kind}" aria-label="{name}">'
            f'<p class="flip-words" aria-live="polite" dir="auto">'
            f'<span class="flip-sr">{escape(result.role)}: </span>{words}</p>{cards}</section>'
        )
    example = comparison.example
    shown = f'data-set="{escape(example.set_id)}"' if example.kind == "example" else ""
    return (
        f'<div class="flip-pair flip-panels" data-link="{escape(link or "")}" {shown}>{"".join(panels)}</div>'
    )


def note_html(lines: Sequence[str], link: str | None, address: str = "") -> str:
    """Return the notes below the rankings, with the button that copies the link.

    :param address: the page's address for the link; by default, the one in the browser without its query.
    """
    if link is None:
        copy = '<span class="flip-note">The text is too long for a link.</span>'
    else:
        copy = (
            f'<button type="button" class="flip-copy" data-page="{escape(address)}">'
            "Copy link to this view</button>"
            '<span class="flip-copied" role="status"></span>'
        )
    notes = "".join(f'<p class="flip-note" dir="auto">{escape(line)}</p>' for line in lines)
    return f'<div class="flip-foot"><div>{notes}</div><div class="flip-share">{copy}</div></div>'


def _both(comparison: Comparison) -> list[tuple[str, ModelResult]]:
    return list(zip(_KINDS, (comparison.base, comparison.trained), strict=True))


def _board(example: Example, result: ModelResult, kind: str, after: int) -> str:
    text = verdict(result)
    if text is None:
        judged = '<p class="flip-verdict is-open">Not judged: no relevance labels</p>'
    else:
        state, sign = ("is-right", "✓") if result.obeys_all else ("is-wrong", "✗")
        judged = f'<p class="flip-verdict {state}"><span aria-hidden="true">{sign}</span> {escape(text)}</p>'
    figures = ""
    if result.p_mrr is not None:
        flipped = "yes" if result.obeys_all else "no"
        figures = (
            f'<p class="flip-figures"><span title="{escape(P_MRR_HELP)}">p-MRR '
            f'<strong>{figure(result.p_mrr)}</strong></span> <span title="{escape(FLIP_HELP)}">flip '
            f"<strong>{flipped}</strong></span></p>"
        )
    return (
        f'<section class="flip-board is-{kind}" aria-label="{escape(result.role)}">'
        f'<div class="flip-board-text"><h3>{escape(result.role)}</h3>'
        f'<p class="flip-model" dir="auto">{escape(result.name)}</p>'
        f"{judged}{figures}</div>{slope_chart(example, result, after)}</section>"
    )


def _key(example: Example) -> str:
    if not example.labelled:
        return '<p class="flip-key">Each line connects the ranks of one passage under A and B.</p>'
    names = [letter(index) for index in range(len(example.views))]
    wanted = ", ".join(f"<b>{name}</b> at the top under {name}" for name in names)
    return f'<p class="flip-key">Each line is a passage. A model that obeys has {wanted}.</p>'


def _cards(example: Example, result: ModelResult, kind: str, before: int | None, after: int) -> str:
    ranking = result.rankings[after]
    flipped = before is not None and before != after
    gained = moves(result.rankings[before], ranking) if before is not None and flipped else {}
    numbers = {passage.docid: number for number, passage in enumerate(example.passages)}
    cards = []
    # A corpus search shows only the top ranks; the user's own passages are all shown.
    depth = TOP if len(ranking.docids) > MAX_CARDS else MAX_CARDS
    best = zip(ranking.docids[:depth], ranking.scores, strict=False)
    for place, (docid, score) in enumerate(best, 1):
        answers = [index for index, view in enumerate(example.views) if view.wanted == docid]
        move = _move(gained[docid], place) if flipped else ""
        key = f"{kind}-{numbers[docid]}"
        cards.append(_card(example.passage(docid), key, place, score, answers, after, move))
    html = f'<ol class="flip-cards">{"".join(cards[:TOP])}</ol>'
    if len(ranking.docids) > MAX_CARDS:
        html += f'<p class="flip-note">The first {TOP} of {len(ranking.docids):,} passages.</p>'
    elif cards[TOP:]:
        html += (
            f'<details class="flip-rest"><summary>Ranks {TOP + 1} to {len(cards)}</summary>'
            f'<ol class="flip-cards" start="{TOP + 1}">{"".join(cards[TOP:])}</ol></details>'
        )
    return html


def _card(
    passage: Passage, key: str, place: int, score: float, answers: list[int], after: int, move: str
) -> str:
    tags = "".join(
        f'<span class="flip-tag is-{letter(index).lower()}">relevant under {letter(index)}</span>'
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
    preview = " ".join(text[:_PREVIEW_CHARS].split())
    full = text[:_FULL_CHARS]
    cut = f" … (shortened here; the models get all {len(text):,} characters)" if len(text) > len(full) else ""
    return (
        f'<p class="flip-preview" dir="auto">{escape(preview)}</p><details class="flip-full">'
        f'<summary>Show full text</summary><p dir="auto">{escape(full)}{cut}</p></details>'
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
