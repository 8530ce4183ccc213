"""Template that joins a query and an instruction into the text that is encoded."""

from __future__ import annotations

from dualview.cards.errors import InputError

DEFAULT_TEMPLATE = "{query} {instruction}"


def join_instruction(query: str, instruction: str, template: str = DEFAULT_TEMPLATE) -> str:
    """Fill the template with the two texts, which may themselves hold braces."""
    before, rest = template.split("{query}")
    between, after = rest.split("{instruction}")
    return before + query + between + instruction + after


def check_template(template: str) -> str:
    """Return the template if it names query, then instruction, once each.

    :raises InputError: otherwise.
    """
    if template.count("{query}") == template.count("{instruction}") == 1 and template.index(
        "{query}"
    ) < template.index("{instruction}"):
        return template
    raise InputError(f"template {template!r}: needs {{query}} and then {{instruction}}, once each")
