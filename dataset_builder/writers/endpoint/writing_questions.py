"""Questions about an item of a source, and view pairs from their replies."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from dualview.dataset_builder.checks.pairs import check_pair, without_bad_paraphrase
from dualview.dataset_builder.levers import canonical_lever
from dualview.dataset_builder.llm.conversation import DECLINED, WRITTEN, Verdict, check_finish
from dualview.dataset_builder.llm.messages import LlmReply
from dualview.dataset_builder.llm.prompts import Prompt, fill_prompt
from dualview.dataset_builder.llm.replies.parsing import Answer, read_answer
from dualview.dataset_builder.schema import AnswerSet, CandidateSet, Passage, Rejection, ViewPair, Writer
from dualview.dataset_builder.writers.endpoint.examples import choose_example, repeats_example
from dualview.dataset_builder.writers.endpoint.styles import FREE, Style, draw_style, kind_of
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings

#: Further passages in a prompt, besides those it is about.
MAX_OTHERS = 8
_UNKNOWN_LEVER = "other"
_MAX_LEVER = 30
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# What to do about a broken rule, for the model's second try.
_HINTS = {
    "trivial_rewording": "it must say something else, under which the wanted passage is relevant instead",
    "talks_of_the_task": "who searches knows no passages, letters and labels: say only what is looked for",
    "copies_passage": "say it in your own words, as somebody would who has not read the passage",
    "too_long": "leave out what does not decide between the passages",
}


def choose_targets(item: CandidateSet, every: bool) -> tuple[Passage, ...]:
    """The instruction negatives that a reversal is written for: every one, or one by the set id's hash."""
    if every or len(item.instruction_negatives) < 2:
        return item.instruction_negatives
    digest = hashlib.sha256(item.set_id.encode("utf-8", "replace")).digest()
    return (item.instruction_negatives[int.from_bytes(digest[:8], "big") % len(item.instruction_negatives)],)


class Reversal:
    """The reversal of one candidate set towards one of its instruction negatives."""

    def __init__(
        self, item: CandidateSet, target: Passage, writer: Writer, settings: WritingSettings
    ) -> None:
        # The model cannot exclude a passage that it does not see.
        others = tuple(it for it in item.instruction_negatives if it is not target)[:MAX_OTHERS]
        # In the order of the set, so that its reversals share all of their prompts but the end.
        shown = (
            item.positive,
            *(it for it in item.instruction_negatives if it is target or it in others),
        )
        letters = dict(zip(map(id, shown), _LETTERS, strict=False))
        self.subject = f"{item.set_id} > {target.docid}"
        self.style = draw_style(settings.styles, self.subject)
        self.prompt: Prompt = fill_prompt(
            "reversal",
            settings.passage_characters,
            said={
                "wanted": letters[id(target)],
                "others": [letters[id(it)] for it in others],
                "style": self.style,
                "example": choose_example(item.query, item.domain) if settings.example else None,
            },
            query=item.query,
            instruction=item.instruction,
            passages=shown,
        )
        self.draft = ViewPair.of_set(
            item, target, "", writer=replace(writer, prompt_version=self.prompt.version), others=others
        )

    def read(self, reply: LlmReply) -> Verdict[ViewPair]:
        """The pair with the instruction of a reply, or the fault of the reply."""
        if stopped := check_finish(reply):
            return stopped
        answer = read_answer(reply.text, ("new_instruction",), ("lever",))
        if unusable := _unusable(answer):
            return unusable
        text = one_line(answer.fields["new_instruction"])
        pair = replace(
            self.draft,
            reversed_instruction=text,
            reversed_kind=kind_of(text, self.style),
            lever=_lever(answer),
        )
        return _checked(pair, self.style, original_was_written=False)

    def style_of(self, pair: ViewPair) -> str:
        """The style of the written instruction; ``other`` for another one than was asked for."""
        return _style_name(self.style, pair.reversed_instruction)

    def reject(self, verdict: Verdict[ViewPair]) -> Rejection:
        """The row of ``rejected`` for a verdict without a pair that can be published."""
        rejection = Rejection.of(verdict.value or self.draft, verdict.outcome, verdict.problem)
        return rejection if verdict.value else replace(rejection, reversed_instruction=None)


class BothViews:
    """The original instruction and the reversal of a query that came without any."""

    def __init__(self, item: AnswerSet, writer: Writer, settings: WritingSettings) -> None:
        self.shown = (*item.answers, *item.candidates)[: MAX_OTHERS + 2]
        self.subject = item.set_id
        self.style = draw_style(settings.styles, self.subject)
        self.prompt: Prompt = fill_prompt(
            "both_views",
            settings.passage_characters,
            said={
                "known": min(len(item.answers), len(self.shown)),
                "style": self.style,
                "example": choose_example(item.query, item.domain) if settings.example else None,
            },
            query=item.query,
            passages=self.shown,
        )
        self.draft = ViewPair.of_item(
            item,
            positive=self.shown[0],
            reversed_positive=self.shown[1],
            instruction="",
            reversed_instruction="",
            writer=replace(writer, prompt_version=self.prompt.version),
        )

    def read(self, reply: LlmReply) -> Verdict[ViewPair]:
        """The pair with the instructions of a reply, or the fault of the reply."""
        if stopped := check_finish(reply):
            return stopped
        answer = read_answer(
            reply.text, ("chosen", "instruction", "new_instruction"), ("lever", "excluded_by_both")
        )
        if unusable := _unusable(answer):
            return unusable
        chosen = self._passages(answer.fields["chosen"])
        if len(chosen) != 1 or chosen[0] is self.shown[0]:
            return Verdict(
                "wrong_form", problem=f"`chosen` is not one number from 2 to {len(self.shown)}, alone"
            )
        excluded = tuple(
            passage
            for passage in self._passages(answer.fields.get("excluded_by_both", ""))
            if passage not in (self.shown[0], chosen[0])
        )
        known = self.draft.answers
        first, second = (one_line(answer.fields[name]) for name in ("instruction", "new_instruction"))
        pair = replace(
            self.draft,
            instruction=first,
            reversed_instruction=second,
            kind=kind_of(first, self.style),
            reversed_kind=kind_of(second, self.style),
            style="" if self.style is None else self.style.name,
            reversed_positive=chosen[0],
            other_instruction_negatives=excluded,
            answers=(*known, *(passage for passage in (*chosen, *excluded) if passage not in known)),
            lever=_lever(answer),
        )
        return _checked(pair, self.style, original_was_written=True)

    def style_of(self, pair: ViewPair) -> str:
        """The style of the written instructions; ``other`` for another one than was asked for."""
        return _style_name(self.style, pair.instruction, pair.reversed_instruction)

    def reject(self, verdict: Verdict[ViewPair]) -> Rejection:
        """The row of ``rejected`` for a verdict without a pair that can be published."""
        pair = verdict.value or self.draft
        return replace(
            Rejection.of(pair, verdict.outcome, verdict.problem),
            instruction=pair.instruction or None,
            reversed_instruction=pair.reversed_instruction or None,
            reversed_positive=pair.reversed_positive if verdict.value else None,
        )

    def _passages(self, numbers: str) -> list[Passage]:
        """The passages with the numbers of a list such as ``3, 4``, without those that do not exist."""
        words = numbers.replace(",", " ").split()
        places = dict.fromkeys(
            int(word) - 1 for word in words if word.isascii() and word.isdigit() and len(word) < 4
        )
        return [self.shown[place] for place in places if 0 <= place < len(self.shown)]


class Paraphrase:
    """The original instruction of a pair in other words."""

    def __init__(self, pair: ViewPair, settings: WritingSettings) -> None:
        self.subject = pair.set_id
        self.prompt: Prompt = fill_prompt(
            "paraphrase",
            settings.passage_characters,
            said={"example": choose_example(pair.query, pair.domain) if settings.example else None},
            query=pair.query,
            instruction=pair.instruction,
            positive=pair.positive,
            others=(pair.reversed_positive, *pair.other_instruction_negatives),
        )
        self._pair = pair

    def read(self, reply: LlmReply) -> Verdict[str]:
        """The paraphrase of a reply, or its fault."""
        if stopped := check_finish(reply):
            return stopped
        answer = read_answer(reply.text, ("paraphrase",))
        if unusable := _unusable(answer):
            return unusable
        text = one_line(answer.fields["paraphrase"])
        _, result = without_bad_paraphrase(replace(self._pair, paraphrased_instruction=text))
        if result.accepted:
            return Verdict(WRITTEN, text)
        return Verdict(
            result.reason, text, f"the paraphrase breaks a rule ({result.reason}): {result.detail}"
        )


def one_line(text: str) -> str:
    """An instruction as a query can carry it: without line breaks."""
    return " ".join(text.split())


def _unusable(answer: Answer) -> Verdict[Any] | None:
    if answer.declined:
        return Verdict(DECLINED, problem="the model finds no such instruction")
    return Verdict(answer.reason, problem=answer.problem) if answer.problem else None


def _checked(pair: ViewPair, style: Style | None, original_was_written: bool) -> Verdict[ViewPair]:
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


def _style_name(style: Style | None, *texts: str) -> str:
    if style is None:
        return FREE
    return style.name if all(len(text.split()) <= style.most_words for text in texts) else "other"


def _lever(answer: Answer) -> str:
    """The lever that a model names; ``other`` for an unusable name."""
    lever = canonical_lever(one_line(answer.fields.get("lever", "")))
    return lever if 0 < len(lever) <= _MAX_LEVER else _UNKNOWN_LEVER
