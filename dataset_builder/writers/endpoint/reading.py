"""Reads what a reply writes: an instruction of the asked form that keeps the rules, and its lever."""

from __future__ import annotations

from typing import Any

from dualview.dataset_builder.checks.pairs import check_pair
from dualview.dataset_builder.levers import canonical_lever
from dualview.dataset_builder.llm.conversation import DECLINED, WRITTEN, Verdict
from dualview.dataset_builder.llm.replies.parsing import Answer
from dualview.dataset_builder.schema import ViewPair
from dualview.dataset_builder.writers.endpoint.examples import repeats_example
from dualview.dataset_builder.writers.endpoint.styles import FREE, Style

_UNKNOWN_LEVER = "other"
_MAX_LEVER = 30
# What to do about a broken rule, for the model's second try.
_HINTS = {
    "trivial_rewording": "it must say something else, under which the wanted passage is relevant instead",
    "talks_of_the_task": "who searches knows no passages, letters and labels: say only what is looked for",
    "copies_passage": "say it in your own words, as somebody would who has not read the passage",
    "too_long": "leave out what does not decide between the passages",
}


def one_line(text: str) -> str:
    """An instruction as a query can carry it: without line breaks."""
    return " ".join(text.split())


def unusable(answer: Answer) -> Verdict[Any] | None:
    """The verdict on an answer that declines, or lacks what was asked for; None for any other."""
    if answer.declined:
        return Verdict(DECLINED, problem="the model finds no such instruction")
    return Verdict(answer.reason, problem=answer.problem) if answer.problem else None


def checked(pair: ViewPair, style: Style | None, original_was_written: bool) -> Verdict[ViewPair]:
    """Check a pair by the rules and the asked form; one of another form alone may be published."""
    texts = [pair.reversed_instruction, *([pair.instruction] if original_was_written else [])]
    if any(map(repeats_example, texts)):
        return Verdict(
            "copies_example", pair, "the instruction is that of the example: write one for the data"
        )
    result = check_pair(pair, original_was_written)
    if not result.accepted:
        hint = f"; {_HINTS[result.reason]}" if result.reason in _HINTS else ""
        return Verdict(
            result.reason, pair, f"the instruction breaks a rule ({result.reason}): {result.detail}{hint}"
        )
    longest = max(len(text.split()) for text in texts)
    if style is not None and longest > style.most_words:
        problem = f"the instruction has {longest} words. {style.form}"
        return Verdict("too_long", pair, problem.rstrip("."), usable=True)
    return Verdict(WRITTEN, pair)


def style_name(style: Style | None, *texts: str) -> str:
    """The style of written instructions: the asked one, ``other`` for another one, ``free`` without one."""
    if style is None:
        return FREE
    return style.name if all(len(text.split()) <= style.most_words for text in texts) else "other"


def read_lever(answer: Answer) -> str:
    """The lever that a model names; ``other`` for an unusable name."""
    lever = canonical_lever(one_line(answer.fields.get("lever", "")))
    return lever if 0 < len(lever) <= _MAX_LEVER else _UNKNOWN_LEVER
