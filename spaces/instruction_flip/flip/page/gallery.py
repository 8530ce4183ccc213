"""Gallery of examples: filters and cards in HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from flip.text.examples import ALL
from flip.types import Example, letter

#: Cards shown at first, and added by each click on the button below them.
PAGE = 12


def matching(
    examples: Sequence[Example], domain: str | None, lever: str | None, words: str | None = None
) -> list[Example]:
    """Filter examples by domain, lever, and words in the query and instructions.

    :param domain: ``all`` or None for no filter; the same for ``lever``.
    :param words: all of them must occur.
    """
    wanted = (words or "")[:200].lower().split()
    return [
        example
        for example in examples
        if domain in (None, ALL, example.domain)
        and (lever in (None, ALL) or lever in example.levers)
        and all(word in _searched(example) for word in wanted)
    ]


def gallery_html(examples: Sequence[Example], limit: int = PAGE) -> str:
    """Return a button for each of the first ``limit`` examples, and one to show more."""
    if not examples:
        return '<p class="flip-message" role="status">No example matches all filters. Remove one.</p>'
    cards = "".join(f"<li>{_card(example)}</li>" for example in examples[:limit])
    more = ""
    if len(examples) > limit:
        more = (
            f'<button type="button" class="flip-more" data-limit="{limit + PAGE}">'
            f"Show more ({len(examples) - limit:,} left)</button>"
        )
    count = "1 example" if len(examples) == 1 else f"{len(examples):,} examples"
    return (
        f'<p class="flip-message" role="status">{count}</p>'
        f'<ul class="flip-gallery" aria-label="Examples">{cards}</ul>{more}'
    )


def _card(example: Example) -> str:
    about = " · ".join(part for part in (example.domain, ", ".join(example.levers)) if part)
    lines = "".join(
        f'<span class="flip-line is-{letter(index).lower()}" dir="auto"><b>{letter(index)}</b> '
        f"{escape(view.instruction)}</span>"
        for index, view in enumerate(example.views)
    )
    return (
        f'<button type="button" class="flip-example" data-example="{escape(example.set_id)}">'
        f'<strong dir="auto">{escape(example.query)}</strong><span class="flip-about">{escape(about)}</span>'
        f"{lines}</button>"
    )


def _searched(example: Example) -> str:
    return " ".join((example.query, *(view.instruction for view in example.views))).lower()
