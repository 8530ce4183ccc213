"""HTML of "Why here?": a bar for each phrase of the instruction, for both models."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from flip.engine.why import PhraseEffect
from flip.html.words import MINUS, passage_name
from flip.types import Passage, letter


def why_html(passage: Passage, view: int, effects: Sequence[tuple[str, Sequence[PhraseEffect]]]) -> str:
    """Return what each phrase does to the score of a passage.

    :param effects: for each model, its name and the effects of the phrases in their order.
    """
    largest = max((abs(one.score) for _, found in effects for one in found), default=0.0) or 1.0
    models = "".join(
        f'<div><h4>{escape(name)}</h4><ul class="flip-bars">'
        + "".join(_bar(effect, largest) for effect in found)
        + "</ul></div>"
        for name, found in effects
    )
    return (
        f'<section class="flip-why" aria-live="polite" tabindex="-1"><h3 dir="auto">Why is '
        f"{escape(passage_name(passage))} where it is under {letter(view)}?</h3>"
        '<p class="flip-note">What the passage gains or loses by each part of the instruction: '
        "its similarity with the part, less that without it.</p>"
        f'<div class="flip-pair">{models}</div></section>'
    )


def _bar(effect: PhraseEffect, largest: float) -> str:
    share = round(50 * abs(effect.score) / largest, 1)
    rises = effect.score >= 0
    side = "is-up" if rises else "is-down"
    sign = "+" if rises else MINUS
    return (
        f'<li><span class="flip-phrase" dir="auto">{escape(effect.phrase)}</span>'
        '<span class="flip-track" aria-hidden="true">'
        f'<span class="{side}" style="width:{share}%"></span></span>'
        f'<span class="flip-effect">{sign}{abs(effect.score):.3f}</span></li>'
    )
