"""Questions about an item of a source, and view pairs from their replies."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from dualview.dataset_builder.checks.pairs import without_bad_paraphrase
from dualview.dataset_builder.llm.conversation import WRITTEN, Verdict, check_finish
from dualview.dataset_builder.llm.messages import LlmReply
from dualview.dataset_builder.llm.prompts import Prompt, fill_prompt
from dualview.dataset_builder.llm.replies.parsing import read_answer
from dualview.dataset_builder.schema import CandidateSet, Passage, Rejection, ViewPair, Writer
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

#: Further passages in a prompt, besides those it is about.
MAX_OTHERS = 8
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


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
        if fault := unusable(answer):
            return fault
        text = one_line(answer.fields["new_instruction"])
        pair = replace(
            self.draft,
            reversed_instruction=text,
            reversed_kind=kind_of(text, self.style),
            lever=read_lever(answer),
        )
        return checked(pair, self.style, original_was_written=False)

    def style_of(self, pair: ViewPair) -> str:
        """The style of the written instruction; ``other`` for another one than was asked for."""
        return style_name(self.style, pair.reversed_instruction)

    def reject(self, verdict: Verdict[ViewPair]) -> Rejection:
        """The row of ``rejected`` for a verdict without a pair that can be published."""
        rejection = Rejection.of(verdict.value or self.draft, verdict.outcome, verdict.problem)
        return rejection if verdict.value else replace(rejection, reversed_instruction=None)


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
        if fault := unusable(answer):
            return fault
        text = one_line(answer.fields["paraphrase"])
        _, result = without_bad_paraphrase(replace(self._pair, paraphrased_instruction=text))
        if result.accepted:
            return Verdict(WRITTEN, text)
        return Verdict(
            result.reason, text, f"the paraphrase breaks a rule ({result.reason}): {result.detail}"
        )
