"""Trivial rewordings are found; opposites are not, however alike their words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_builder.checks.rewording import says_the_same

SAME = [
    ("Show only documents about the price.", "Only show me documents about the price, please!"),
    ("I want pages about the history of the town.", "I want a page on the town's history."),
    ("I need documents that discuss costs.", "I need useful documents that really discuss the cost."),
    ("Leave out anything on the price of the trip.", "leave out anything on the PRICE of the trip"),
    ("Nur Texte über den Preis, bitte.", "nur texte über den preis, bitte"),
    ("只要价格", "只要价格。"),
]
DIFFERENT = [
    ("I want its history, not its cost.", "I want its cost, not its history."),
    ("Only documents that mention the price.", "Only documents that do not mention the price."),
    ("Documents with a recipe are wanted.", "Documents without a recipe are wanted."),
    ("Sources from before the war.", "Sources from after the war."),
    ("It should be for experts.", "It should be for beginners."),
    (
        "It must name experts in the field of hospital care.",
        "It must name novices in the field of hospital care.",
    ),
    ("I want to read about trips under 500 euros.", "I want to read about trips over 500 euros."),
    ("The text must give at least three examples.", "The text must give at most three examples."),
    ("I prefer cats to dogs rather than birds.", "I prefer birds rather than cats to dogs."),
    ("Texts that don't mention money.", "Texts that mention money."),
    ("It must mention money.", "It must omit money."),
    ("I don't want pages on how to spend your time there.", "Do you have one that is not about what to do?"),
    ("Nur Texte über den Preis.", "Keine Texte über den Preis."),
    ("documentos con recetas", "documentos sin recetas"),
]


@pytest.mark.parametrize(("text", "other"), SAME)
def test_the_same_in_other_words_is_found(text: str, other: str) -> None:
    assert says_the_same(text, other) and says_the_same(other, text)


@pytest.mark.parametrize(("text", "other"), DIFFERENT)
def test_opposites_and_others_are_not_the_same(text: str, other: str) -> None:
    assert not says_the_same(text, other) and not says_the_same(other, text)


@given(st.text(), st.text())
def test_a_text_says_what_it_says_and_sameness_is_mutual(text: str, other: str) -> None:
    assert says_the_same(text, text)
    assert says_the_same(text, other) == says_the_same(other, text)
