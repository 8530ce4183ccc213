"""Checks the instructions of a view pair by the rules."""

from __future__ import annotations

from dataclasses import replace

from dualview.dataset_builder.checks.rewording import has_the_same_words
from dualview.dataset_builder.checks.rules import TRIVIAL_REWORDING, check_instruction, find_trivial_rewording
from dualview.dataset_builder.checks.written import CheckResult, Written
from dualview.dataset_builder.schema import ViewPair
from dualview.dataset_builder.text_keys import text_key


def check_pair(pair: ViewPair, original_was_written: bool) -> CheckResult:
    """Check the written instructions of a pair: the reversal, and the original where the source brought none.

    The instructions of a source are its own: some are long on purpose, and no rule of style drops them. Where
    it brought both, only a reversal that says the same as the original is refused.
    """
    if text_key(pair.positive.text) == text_key(pair.reversed_positive.text):
        return CheckResult(False, "equal_passages", "positive and reversed positive have the same text")
    passages = (pair.positive, pair.reversed_positive, *pair.other_instruction_negatives)
    if pair.by_hand:
        detail = find_trivial_rewording(Written(pair.reversed_instruction, pair.query, (), pair.instruction))
        return CheckResult(True) if detail is None else CheckResult(False, TRIVIAL_REWORDING, detail)
    if original_was_written:
        result = check_instruction(Written(pair.instruction, pair.query, passages))
        if not result.accepted:
            return replace(result, detail=f"the original instruction: {result.detail}")
    return check_instruction(Written(pair.reversed_instruction, pair.query, passages, pair.instruction))


def without_bad_paraphrase(pair: ViewPair) -> tuple[ViewPair, CheckResult]:
    """The pair, without its paraphrase where that breaks a rule; a paraphrase is a control and no label.

    A paraphrase means the same as the original, so it is only refused for the very words of the original.
    """
    text = pair.paraphrased_instruction
    if text is None:
        return pair, CheckResult(True)
    passages = (pair.positive, pair.reversed_positive, *pair.other_instruction_negatives)
    result = check_instruction(Written(text, pair.query, passages, pair.instruction))
    if result.reason == TRIVIAL_REWORDING and not has_the_same_words(text, pair.instruction):
        result = CheckResult(True)
    return (pair if result.accepted else replace(pair, paraphrased_instruction=None)), result
