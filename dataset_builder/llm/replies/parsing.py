"""Reads replies as models write them: JSON with talk around it, nearly JSON, tags, fences, or none of these.

A reply is text from outside, and may repeat words that a hostile passage told the model to use. Reading it
takes time that grows with its length alone, and never fails; its fields are only used as the text of an
instruction, after the rules for instructions have passed it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dualview.dataset_builder.llm.replies.near_json import repaired_objects, with_names

MAX_CHARACTERS = 200_000
_MAX_FIELD = 2_000
# Opening braces that may start something else before the search ends.
_MAX_FAILURES = 200
# Reasoning models close their thoughts with it; some chat templates leave the opening tag out.
_END_OF_THOUGHTS = "</think>"
_ANSWER = re.compile("<answer>", re.IGNORECASE)
_DECLINES = frozenset({"none", "null", "n/a", "no answer", "not possible", "impossible"})
# The prompts' own examples of the form.
_PLACEHOLDERS = frozenset(
    {"the instruction, or none", "the instruction in other words, or none", "the first, or none"}
    | {"the second, or none", "…", "..."}
)
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True)
class Answer:
    """The answer in a reply.

    :param fields: the wanted fields that it holds, as text without white space around it.
    :param declined: the model answers that there is no such instruction.
    :param problem: reason why it cannot be used, in words for the model; empty if it can.
    :param reason: the same in one word: ``unreadable`` or ``wrong_form``.
    """

    fields: dict[str, str] = field(default_factory=dict)
    declined: bool = False
    problem: str = ""
    reason: str = ""


def read_answer(text: str, wanted: Sequence[str], optional: Sequence[str] = ()) -> Answer:
    """Read the fields of an answer.

    The last answer of a reply counts: models quote the form, and think aloud, before they answer. Names may
    differ in case, and what is nearly JSON is repaired.

    :param wanted: fields without which it is no answer. If one of them is None, in whatever spelling, the
        model declines.
    :param optional: fields that may be absent.
    """
    if len(text) > MAX_CHARACTERS:
        return Answer(problem=f"it is longer than {MAX_CHARACTERS:,} characters", reason="unreadable")
    reply = text.rpartition(_END_OF_THOUGHTS)[2]
    found = find_object(reply, wanted, optional) or _last_tags(reply, (*wanted, *optional), wanted)
    if found is None:
        if is_decline(reply):
            return Answer(declined=True)
        if any(True for _ in _objects(reply)):
            return Answer(problem=f"its JSON lacks {_listed(wanted)}", reason="wrong_form")
        return Answer(problem=f"it holds no JSON object with {_listed(wanted)}", reason="unreadable")
    fields = {}
    for name in (*wanted, *optional):
        value = _as_text(found.get(name))
        if value is None and name in wanted and found.get(name) is not None:
            return Answer(problem=f"{name} is no text", reason="wrong_form")
        if value is not None and len(value) > _MAX_FIELD and name in wanted:
            return Answer(problem=f"{name} is longer than {_MAX_FIELD:,} characters", reason="wrong_form")
        if value is not None:
            fields[name] = value
    # None as a value of its own, and as the word.
    if any(found.get(name) is None or is_decline(fields[name]) for name in wanted):
        return Answer(fields=fields, declined=True)
    for name in wanted:
        if not fields[name] or fields[name].casefold() in _PLACEHOLDERS:
            return Answer(problem=f"{name} is not filled in", reason="wrong_form")
    return Answer(fields=fields)


def is_decline(text: str) -> bool:
    """Check for a spelling of None."""
    return text.strip().strip("*_`\"'.!<>[]() \n").casefold() in _DECLINES


def find_object(text: str, wanted: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Any] | None:
    """Find the last JSON object in a text that holds all wanted fields; where there is none, after repair.

    :param optional: fields that also get these names, where only their case differs.
    """
    last = None
    for found in _objects(text):
        value = with_names(found, (*wanted, *optional))
        if all(name in value for name in wanted):
            last = value
    if last is None:
        for found in repaired_objects(text, wanted[0]):
            value = with_names(found, (*wanted, *optional))
            if all(name in value for name in wanted):
                return value
    return last


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a text, one after the other; line breaks inside strings are let pass."""
    place, failures = text.find("{"), 0
    while place >= 0 and failures < _MAX_FAILURES:
        try:
            value, end = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            failures += 1
            end = place + 1
        else:
            if isinstance(value, dict):
                yield value
        place = text.find("{", end)


def _last_tags(text: str, names: Sequence[str], wanted: Sequence[str]) -> dict[str, Any] | None:
    """Find the fields between tags of their names, after the last ``<answer>`` that holds the wanted ones."""
    end = len(text)
    starts = [match.end() for match in _ANSWER.finditer(text)]
    for start in [*reversed(starts), 0]:
        inside = text[start:end]
        found = {name: value for name in names if (value := _between(inside, name)) is not None}
        if all(name in found for name in wanted):
            return found
        if start and is_decline(inside.partition("</")[0]):
            return dict.fromkeys(wanted)
        end = start
    return None


def _between(text: str, name: str) -> str | None:
    openings = [match.end() for match in re.finditer(f"<{name}>", text, re.IGNORECASE)]
    if not openings:
        return None
    closing = re.compile(f"</{name}>", re.IGNORECASE).search(text, openings[-1])
    return text[openings[-1] : closing.start()] if closing else None


def _as_text(value: object) -> str | None:
    """A value as text: models write numbers as words and lists as strings."""
    if isinstance(value, str):
        return re.sub("[\\ud800-\\udfff]", "\ufffd", value).strip()
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list) and all(isinstance(entry, (int, str)) for entry in value):
        return ", ".join(str(entry) for entry in value)
    return None


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
