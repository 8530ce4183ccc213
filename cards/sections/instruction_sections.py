"""Tables about the instructions of a dataset: their kinds and lengths, and a guide to the kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dualview.cards.dataset_facts import WrittenExample, WrittenSetFacts
from dualview.cards.text import Markdown, code, shorten, table

_SHOWN_CHARACTERS = 240
_KINDS = {
    "exclusion": "names only what the text must not be about, or must not require",
    "inclusion": "names only what the text must be about, or must offer",
    "both": "names something that must be there and something that must not",
    "other": "describes a situation, a person or a purpose, from which the reader infers the text",
}


def table_by_source(counts: Mapping[str, Mapping[str, int]]) -> Markdown | None:
    """Return counts as a table, a row a source, with shares of the source; None without any.

    :param counts: source -> name -> count; all sources have the same names, those of the columns. A column
        without any count is left out.
    """
    names = [
        name for name in next(iter(counts.values()), ()) if any(found[name] for found in counts.values())
    ]
    if not names:
        return None
    rows = []
    for source, found in counts.items():
        total = sum(found.values())
        cells = [
            f"{found[name]:,} ({100 * found[name] / total:.0f}%)" if found[name] else "" for name in names
        ]
        rows.append([code(source), f"{total:,}", *cells])
    return table(["Source", "Instructions", *names], rows, numbers=range(1, len(names) + 2))


def written_set_section(facts: WrittenSetFacts) -> dict[str, Any]:
    """Return the parts of the section about the sets with written views."""
    return {
        "sources": Markdown(", ".join(code(name) for name in facts.sources)),
        "licenses": facts.licenses,
        "guide": kind_guide(facts.examples),
    }


def kind_guide(examples: Sequence[WrittenExample]) -> Markdown:
    """Return the kinds of instructions with their meanings and an example of each that there is one of."""
    rows = []
    for kind, meaning in _KINDS.items():
        one = next((example for example in examples if example.kind == kind), None)
        shown = ["", ""] if one is None else [f"{one.query}: {one.instruction}", one.text]
        rows.append([code(kind), meaning, *(shorten(text, _SHOWN_CHARACTERS) for text in shown)])
    return table(["Kind", "The instruction", "Example", "The text that it makes relevant"], rows)
