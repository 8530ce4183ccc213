"""Fills the prompts of ``dataset_builder/prompts`` and gives them their versions.

Design:

- Passages are hostile. Lines that name a *fence*, a hash of all the data of the prompt, enclose them: no
  passage can close its own fence, since its hash would have to contain itself. The same data gives the same
  fence, so the same request has the same key in the ledger.
- Servers keep what they have read of a prompt, and read only what differs from there. So the system message
  is the same for all items: rules, task, form and example. The user's message begins with the fence, the
  data follow, and what differs between questions about the same data comes last.
- A version is the hash of the template, of the templates that it includes, and of the reply's schema. After a
  change in any of them, everything is asked anew.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from dualview.dataset_builder.levers import LEVERS
from dualview.dataset_builder.llm.messages import Message
from dualview.dataset_builder.schema import Passage

_SHARED = ("rules.jinja", "code.jinja", "repair.jinja")
_OF_WRITERS = ("style.jinja", "styles.yaml", "examples.yaml")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# 56 bits. Digits would cost a token each, and a fence stands in a prompt ten times.
_FENCE_LETTERS = 12
_TEXT = {"type": "string"}
_LEVER = {"type": "string", "enum": list(LEVERS)}


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


#: Schema of each task's reply, for servers that enforce it. A judge answers in one word.
SCHEMAS: Mapping[str, Mapping[str, Any] | None] = {
    "reversal": _object(reasoning=_TEXT, lever=_LEVER, new_instruction=_TEXT),
    "both_views": _object(
        reasoning=_TEXT,
        chosen={"type": "integer"},
        lever=_LEVER,
        instruction=_TEXT,
        new_instruction=_TEXT,
        excluded_by_both={"type": "array", "items": {"type": "integer"}},
    ),
    "paraphrase": _object(paraphrase=_TEXT),
    "judge": None,
    "judge_list": _object(relevant={"type": "array", "items": {"type": "integer"}}),
}
# NUL and its like, halves of surrogate pairs, and marks that turn the reading direction round.
_UNREADABLE = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\u202a-\\u202e\\u2066-\\u2069]")


@dataclass(frozen=True)
class Prompt:
    """A prompt that is filled in.

    :param answer: the part that asks for the form of the answer, for a second try.
    """

    task: str
    version: str
    messages: tuple[Message, ...]
    fence: str
    answer: str

    def repaired(self, reply: str, problem: str) -> tuple[Message, ...]:
        """Make the messages of the second try, which tell the model what was wrong with its reply."""
        text = (
            _environment()
            .get_template("repair.jinja")
            .render(problem=problem, fence=self.fence, answer=self.answer)
        )
        return (*self.messages, ("assistant", readable(reply, 4000)), ("user", text.strip()))


def fill_prompt(
    task: str, passage_characters: int = 6000, *, said: Mapping[str, object] | None = None, **data: object
) -> Prompt:
    """Fill the prompt of a task, with its data fenced in.

    Questions with the same data share their fence, also where they show a part of it only: so they share the
    beginning of their prompts.

    :param task: ``reversal``, ``both_views``, ``paraphrase``, ``judge`` or ``judge_list``.
    :param passage_characters: length at which a passage is cut, so that the prompt fits the model.
    :param said: our own words and numbers under the names that the template uses; they stand outside the
        fence and must not hold text of a collection.
    :param data: strings, passages and lists of passages, under the names that the template uses.
    :raises jinja2.UndefinedError: if the template uses a name that is not given.
    """
    shown = {name: _shown(value, passage_characters) for name, value in data.items()}
    fence = _fence(shown)
    said = {"example": None, "style": None, **(said or {})}
    system, answer = _constant(task, json.dumps(said["example"]))
    ours = {"fence": fence, "fenced": functools.partial(_fenced, fence), "letters": _LETTERS}
    (user,) = _render(task, ("user",), {**said, **shown, **ours})
    return Prompt(task, prompt_version(task), (("system", system), ("user", user)), fence, answer)


@functools.cache
def prompt_version(task: str) -> str:
    """The version of a task's prompt, such as ``reversal-3f9a0c12``."""
    digest = hashlib.sha256()
    folder = resources.files("dualview.dataset_builder") / "prompts"
    for name in (f"{task}.jinja", *_SHARED, *(() if task.startswith("judge") else _OF_WRITERS)):
        digest.update((folder / name).read_bytes() + b"\0")
    digest.update(json.dumps(SCHEMAS[task], sort_keys=True).encode())
    digest.update(repr(LEVERS).encode())
    return f"{task}-{digest.hexdigest()[:8]}"


def readable(text: str, characters: int) -> str:
    """Cut a text to a length for a prompt, and remove control characters and direction marks."""
    cut = text[:characters]
    shown = _UNREADABLE.sub(" ", cut)
    return f"{shown.rstrip()} […]" if len(cut) < len(text) else shown


def _shown(value: object, characters: int) -> object:
    if isinstance(value, str):
        return readable(value, characters)
    if isinstance(value, Passage):
        title = readable(" ".join(value.title.split()), 300)
        text = readable(value.text, characters)
        return f"{title}\n\n{text}" if title else text
    if isinstance(value, Sequence):
        return [_shown(entry, characters) for entry in value]
    return value


def _fenced(fence: str, name: str, data: str) -> str:
    return f"[{fence} begin {name}]\n{data}\n[{fence} end]"


def _fence(shown: Mapping[str, object]) -> str:
    digest = hashlib.sha256()
    texts = (text for value in shown.values() for text in (value if isinstance(value, list) else [value]))
    for text in sorted({str(text) for text in texts}):
        digest.update(f"{text}\0".encode())
    number, letters = int.from_bytes(digest.digest()), ""
    for _ in range(_FENCE_LETTERS):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place].lower()
    return f"data-{letters}"


@functools.lru_cache(maxsize=256)
def _constant(task: str, example: str) -> tuple[str, ...]:
    """Fill the parts that are the same for all items: rules and task, and the form of the answer.

    :param example: as JSON.
    """
    said = {"example": json.loads(example), "levers": LEVERS, "letters": _LETTERS}
    return _render(task, ("system", "answer"), said)


def _render(task: str, blocks: Sequence[str], values: Mapping[str, object]) -> tuple[str, ...]:
    template = _template(task)
    context = template.new_context(dict(values))
    return tuple("".join(template.blocks[name](context)).strip() for name in blocks)


@functools.cache
def _template(task: str) -> Template:
    return _environment().get_template(f"{task}.jinja")


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("dualview.dataset_builder", "prompts"),
        undefined=StrictUndefined,
        auto_reload=False,
        autoescape=False,  # noqa: S701 - a prompt is no HTML; the fence is what keeps data apart
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,  # so that a line follows what is included
    )
