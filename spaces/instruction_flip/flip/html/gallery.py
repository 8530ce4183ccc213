"""Gallery of examples: filters, and cards in HTML, grouped by subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby

from flip.html.scoreboard import OUTCOME_NAMES
from flip.results.outcomes import OUTCOMES, Outcome
from flip.text.examples import ALL
from flip.types import Example, letter

#: Cards shown at first, and added by each click on the button below them.
PAGE = 24


def matching(
    examples: Sequence[Example],
    outcomes: Mapping[str, Outcome],
    outcome: str | None,
    subject: str | None = None,
    words: str | None = None,
) -> list[Example]:
    """Filter examples by outcome, subject, and words in the query and instructions.

    :param outcomes: by set id; an example without one matches only ``all``.
    :param outcome: ``all`` or None for no filter; the same for ``subject``.
    :param words: all of them must occur.
    :return: by subject, the largest one first.
    """
    wanted = (words or "")[:200].lower().split()
    found = [
        example
        for example in examples
        if outcome in (None, ALL, outcomes.get(example.set_id))
        and subject in (None, ALL, example.subject)
        and all(word in _searched(example) for word in wanted)
    ]
    sizes = Counter(example.subject for example in examples)
    return sorted(found, key=lambda example: (-sizes[example.subject], example.subject))


def outcome_choices(outcomes: Mapping[str, Outcome], total: int) -> list[tuple[str, str]]:
    """Return the choices of the filter, with counts where they are known."""
    counts = {name: sum(found == name for found in outcomes.values()) for name in OUTCOMES}
    names = [(f"{OUTCOME_NAMES[name]} ({counts[name]})", str(name)) for name in OUTCOMES if counts[name]]
    return [(f"all ({total})", ALL), *names]


def gallery_html(examples: Sequence[Example], outcomes: Mapping[str, Outcome], limit: int = PAGE) -> str:
    """Return a button for each of the first ``limit`` examples, and one to show more.

    :param examples: sorted by subject.
    """
    if not examples:
        return '<p class="flip-message" role="status">No example matches all filters. Remove one.</p>'
    groups = "".join(
        f'<h3>{escape(subject)}</h3><ul class="flip-gallery" aria-label="Examples: {escape(subject)}">'
        + "".join(f"<li>{_card(example, outcomes.get(example.set_id))}</li>" for example in group)
        + "</ul>"
        for subject, group in groupby(examples[:limit], key=lambda example: example.subject)
    )
    more = ""
    if len(examples) > limit:
        more = (
            f'<button type="button" class="flip-more" data-limit="{limit + PAGE}">'
            f"Show more ({len(examples) - limit:,} left)</button>"
        )
    count = "1 example" if len(examples) == 1 else f"{len(examples):,} examples"
    return f'<p class="flip-message" role="status">{count}</p>{groups}{more}'


def _card(example: Example, outcome: Outcome | None) -> str:
    followed = (
        ""
        if outcome is None
        else f'<span class="flip-outcome is-{outcome}">followed by {OUTCOME_NAMES[outcome]}</span>'
    )
    lines = "".join(
        f'<span class="flip-line is-{letter(index).lower()}" dir="auto"><b>{letter(index)}</b> '
        f"{escape(view.instruction)}</span>"
        for index, view in enumerate(example.views)
    )
    return (
        f'<button type="button" class="flip-example" data-example="{escape(example.set_id)}">'
        f'<strong dir="auto">{escape(example.query)}</strong>{lines}{followed}</button>'
    )


def _searched(example: Example) -> str:
    return " ".join((example.query, *(view.instruction for view in example.views))).lower()
