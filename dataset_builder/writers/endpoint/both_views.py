"""The question for both instructions to a query that came without any."""

from __future__ import annotations

from dataclasses import replace

from dualview.dataset_builder.llm.conversation import Verdict, check_finish
from dualview.dataset_builder.llm.messages import LlmReply
from dualview.dataset_builder.llm.prompts import Prompt, fill_prompt
from dualview.dataset_builder.llm.replies.parsing import read_answer
from dualview.dataset_builder.schema import AnswerSet, Passage, Rejection, ViewPair, Writer
from dualview.dataset_builder.writers.endpoint.examples import choose_example
from dualview.dataset_builder.writers.endpoint.reading import (
    checked,
    one_line,
    read_lever,
    style_name,
    unusable,
)
from dualview.dataset_builder.writers.endpoint.styles import draw_style, kind_of
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings

# Passages in a prompt, at most.
_MAX_SHOWN = 10


class BothViews:
    """The original instruction and the reversal of a query that came without any."""

    def __init__(self, item: AnswerSet, writer: Writer, settings: WritingSettings) -> None:
        self.shown = (*item.answers, *item.candidates)[:_MAX_SHOWN]
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
        if fault := unusable(answer):
            return fault
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
            lever=read_lever(answer),
        )
        return checked(pair, self.style, original_was_written=True)

    def style_of(self, pair: ViewPair) -> str:
        """The style of the written instructions; ``other`` for another one than was asked for."""
        return style_name(self.style, pair.instruction, pair.reversed_instruction)

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
