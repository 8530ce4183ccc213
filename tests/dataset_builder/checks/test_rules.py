"""Each rule as a build meets it: the first that is broken is the reason, and pairs are checked as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.dataset_builder.checks.pairs import check_pair, without_bad_paraphrase
from dualview.dataset_builder.checks.rules import MAX_WORDS, RULES, check_instruction
from dualview.dataset_builder.checks.written import Written
from dualview.dataset_builder.schema import Passage, ViewPair

Make = Callable[..., Any]
QUERY = "how to cook dried beans in a pot"
ORIGINAL = "Leave out anything that needs a special pot."
PASSAGES = (Passage("a", "", "Soak the beans overnight, then simmer them for an hour or two."),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Only what is done in under half an hour counts.", ""),
        ("Not beginners.", ""),
        ("", "empty"),
        (" \n… ", "empty"),
        ("Only half a character \ud83d here.", "unwritable_character"),
        ("A bell \x07 rings here.", "unwritable_character"),
        ("Costs", "too_short"),
        ("price " * (MAX_WORDS + 1), "too_long"),
        ("p" * 801 + " words", "too_long"),
        ("Only costs. No history. Thanks.", "too_many_sentences"),
        ("The passage above must lose.", "talks_of_the_task"),
        ("Only if you soak the beans overnight, then eat.", "copies_passage"),
        ("Please leave out anything that needs a special pot!", "trivial_rewording"),
        ("Bitte nur Texte, die sich mit dem Preis befassen, und nichts über die Stadt.", "other_language"),
        ("只要价格低的做法", "other_language"),
    ],
)
def test_the_rule_that_is_broken_is_the_reason(text: str, reason: str) -> None:
    result = check_instruction(Written(text, QUERY, PASSAGES, ORIGINAL))
    assert (result.accepted, result.reason) == (not reason, reason)
    assert bool(result.detail) == bool(reason)


def test_the_original_instruction_shows_the_language_of_a_short_query() -> None:
    german = "Bitte nur Texte, die sich mit dem Preis befassen, und nichts über die Stadt."
    assert check_instruction(Written(german, "iphone akku")).accepted
    result = check_instruction(
        Written(german, "iphone akku", original="Leave out what is about the price of it.")
    )
    assert result.reason == "other_language"


@given(st.text(), st.text(), st.text(), st.text())
def test_no_text_breaks_a_rule_in_pieces(text: str, query: str, passage: str, original: str) -> None:
    result = check_instruction(Written(text, query, (Passage("id-1", "", passage),), original))
    assert result.accepted or result.reason in RULES


def test_a_good_pair_passes(view_pair: Make) -> None:
    assert check_pair(view_pair(), original_was_written=True).accepted


def test_equal_passages_cannot_swap(view_pair: Make) -> None:
    pair = view_pair()
    twin = replace(pair.reversed_positive, text=pair.positive.text.upper())
    assert check_pair(replace(pair, reversed_positive=twin), False).reason == "equal_passages"


def test_the_instructions_of_a_source_are_its_own(view_pair: Make) -> None:
    pair = view_pair(instruction="Only beans. No lentils. And no peas.")
    assert check_pair(pair, original_was_written=False).accepted
    result = check_pair(pair, original_was_written=True)
    assert result.reason == "too_many_sentences" and "original instruction" in result.detail


def test_passages_of_all_roles_may_not_be_quoted(view_pair: Make) -> None:
    other = Passage("c", "", "A tin is opened, rinsed and warmed in five minutes.")
    pair = view_pair(
        other_instruction_negatives=(other,), reversed_instruction="It is rinsed and warmed in five minutes."
    )
    assert check_pair(pair, False).reason == "copies_passage"


@pytest.mark.parametrize(
    ("paraphrase", "reason"),
    [
        ("Nothing for which one has to buy equipment.", ""),
        ("Leave out anything that needs a special pot, please.", ""),  # a control may be this close
        (ORIGINAL.upper(), "trivial_rewording"),
        ("One. Two. Three.", "too_many_sentences"),
    ],
)
def test_a_bad_paraphrase_is_left_out_and_the_pair_stays(
    view_pair: Make, paraphrase: str, reason: str
) -> None:
    pair: ViewPair = view_pair(instruction=ORIGINAL, paraphrased_instruction=paraphrase)
    kept, result = without_bad_paraphrase(pair)
    assert result.reason == reason
    assert kept == replace(pair, paraphrased_instruction=None if reason else paraphrase)
