"""An instructed query, split into what is encoded, what is excluded, and what is wished for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dualview.trainer.composition.rule import SplitText, split_exclusions
from dualview.trainer.query_template import DEFAULT_TEMPLATE, join_instruction


@dataclass(frozen=True)
class InstructedQuery:
    """A query with its instruction, split by the rule.

    :param text: ``wanted`` is the text to encode: the query, joined with what the instruction wishes.
    :param wish: what the instruction says beside what it excludes; empty where that is all it says.
    """

    text: SplitText
    wish: str = ""


def split_instruction(
    query: str, instruction: str, language: str | Path = "en", template: str = DEFAULT_TEMPLATE
) -> InstructedQuery:
    """Split an instruction; without one, the query is split itself.

    :param language: see :func:`dualview.trainer.composition.rule.split_exclusions`.
    :param template: joins the query with what is left of the instruction.
    """
    if not instruction.strip():
        return InstructedQuery(split_exclusions(query, language))
    found = split_exclusions(instruction, language, query=query)
    wish = found.wanted.removeprefix(query.strip()).strip() if found.excluded else instruction
    wanted = join_instruction(query, wish, template) if wish else query
    return InstructedQuery(SplitText(wanted, found.excluded, found.cues), wish)
