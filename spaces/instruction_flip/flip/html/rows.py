"""HTML of one passage in a ranking: a line that opens to its text."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from flip.html.words import MINUS, passage_name
from flip.types import Passage, letter

#: Characters of a passage that are shown.
_FULL_CHARS = 4_000


@dataclass(frozen=True)
class Row:
    """One passage at its place.

    :param number: its number in the example, from 0.
    :param kind: the model: ``base`` or ``trained``.
    :param place: its rank, from 1; ``score`` is its cosine similarity.
    :param wanted_by: indexes of the instructions that it is relevant under.
    :param is_wanted: whether the current instruction is one of them.
    :param gained: ranks gained in the last flip; None before the first.
    :param read: characters of title and text that the model reads; None for all of them.
    :param is_explained: whether "Why here?" can be asked.
    """

    passage: Passage
    number: int
    kind: str
    place: int
    score: float
    wanted_by: tuple[int, ...]
    is_wanted: bool
    gained: int | None
    read: int | None
    is_explained: bool


def row_html(row: Row) -> str:
    """Return the list item of a passage."""
    tags = "".join(
        f'<span class="flip-tag is-{letter(index).lower()}"><span>wanted by </span>{letter(index)}</span>'
        for index in row.wanted_by
    )
    title = row.passage.title or passage_name(row.passage)
    wanted = f" is-wanted is-{letter(row.wanted_by[0]).lower()}" if row.is_wanted else ""
    why = (
        f'<button type="button" class="flip-why-button" data-why="{row.number}">'
        'Why here?<span class="flip-sr"> Which words of the instruction moved it</span></button>'
        if row.is_explained
        else ""
    )
    cut = "" if row.read is None else '<span class="flip-cut-mark">cut</span>'
    return (
        f'<li class="flip-card{wanted}" data-key="{row.kind}-{row.number}" data-rank="{row.place}">'
        f'<details class="flip-full"><summary><span class="flip-rank"><span class="flip-sr">Rank </span>'
        f'{row.place}</span><span class="flip-sr">Read </span><span class="flip-title" dir="auto">'
        f'{escape(title)}</span>{cut}{tags}{_move(row)}</summary><div class="flip-body">'
        f'<p dir="auto" tabindex="0">{_text(row.passage, row.read)}</p>'
        f'<p class="flip-score">Similarity {row.score:.3f} {why}</p></div></details></li>'
    )


def _text(passage: Passage, read: int | None) -> str:
    """Return the text, with a mark where the model stops reading."""
    if read is None:
        full = passage.text[:_FULL_CHARS]
        left = len(passage.text) - len(full)
        return escape(full) + (f" … (and {left:,} more characters)" if left else "")
    at = max(read - len(passage.title) - 1, 0)
    rest = passage.text[at : at + _FULL_CHARS]
    return (
        f"{escape(passage.text[:at][-_FULL_CHARS:])}"
        '<span class="flip-cut">✂ the model stops reading here</span>'
        f'<span class="flip-unread">{escape(rest)}</span>'
    )


def _move(row: Row) -> str:
    if row.gained is None:
        return ""
    if not row.gained:
        return f'<span class="flip-move is-same">=<span class="flip-sr"> stayed at {row.place}</span></span>'
    state, sign = ("is-up", "▲ +") if row.gained > 0 else ("is-down", f"▼ {MINUS}")
    word, count = ("up" if row.gained > 0 else "down"), abs(row.gained)
    return (
        f'<span class="flip-move {state}"><span aria-hidden="true">{sign}{count}</span>'
        f'<span class="flip-sr">{word} {count}, from {row.place + row.gained} to {row.place}</span></span>'
    )
