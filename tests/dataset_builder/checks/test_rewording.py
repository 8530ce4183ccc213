"""Trivial rewordings are found; opposites are not, however alike their words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.dataset_builder.checks.rewording import means_the_same

SAME = [
    ("Show only documents about the price.", "Only show me documents about the price, please!"),
    ("I want pages about the history of the town.", "I want a page on the town's history."),
    ("I need documents that discuss costs.", "I need useful documents that really discuss the cost."),
    ("Leave out anything on the price of the trip.", "leave out anything on the PRICE of the trip"),
    ("I need pages on the price and the cost.", "I need pages on the cost and the price."),
    (
        "I want to see films with James Mason and also with James Stewart.",
        "I want to see films with James Stewart and also with James Mason.",
    ),
    ("I want pages about the cost of the trips.", "I want pages about the trips and their cost."),
    (
        "Leave out anything with Smith in the cast and anything with Jones in the cast.",
        "Leave out anything with Jones in the cast and anything with Smith in the cast.",
    ),
    ("In the evening, a guide to cooking is wanted.", "A guide to cooking is wanted in the evening."),
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
    ("I prefer the cats to the dogs in this.", "I prefer the dogs to the cats in this."),
    ("It should be about the way from Rome to Paris.", "It should be about the way from Paris to Rome."),
    (
        "I want films with James Stewart in place of James Mason.",
        "I want films with James Mason in place of James Stewart.",
    ),
    (
        "Leave out films starring Kay Francis and give me a film with Dorothy Sebastian in the cast.",
        "Leave out films with Dorothy Sebastian and look for a film with Kay Francis in the cast.",
    ),
    (
        "I have had enough of films in which Emily Blunt plays and would like a film with Lily Tomlin.",
        "I have had enough of films in which Lily Tomlin plays and want a film with Emily Blunt.",
    ),
    ("It has to be by Smith and for Jones.", "It has to be by Jones and for Smith."),
    (
        "I want the one in which Smith is better for this than Jones.",
        "I want the one in which Jones is better for this than Smith.",
    ),
    ("Texts that don't mention money.", "Texts that mention money."),
    ("It must mention money.", "It must omit money."),
    ("I don't want pages on how to spend your time there.", "Do you have one that is not about what to do?"),
    ("How common it is: no thanks.", "What can be done about it: no thanks."),
    ("Nur Texte über den Preis.", "Keine Texte über den Preis."),
    ("documentos con recetas", "documentos sin recetas"),
    ("< 1900", "> 1900"),
    ("-Αθήνα", "Αθήνα"),
]


@pytest.mark.parametrize(("text", "other"), SAME)
def test_the_same_in_other_words_is_found(text: str, other: str) -> None:
    assert means_the_same(text, other) and means_the_same(other, text)


@pytest.mark.parametrize(("text", "other"), DIFFERENT)
def test_opposites_and_others_are_not_the_same(text: str, other: str) -> None:
    assert not means_the_same(text, other) and not means_the_same(other, text)


@given(st.text(), st.text())
def test_a_text_says_what_it_says_and_sameness_is_mutual(text: str, other: str) -> None:
    assert means_the_same(text, text)
    assert means_the_same(text, other) == means_the_same(other, text)
