"""The proof that a text mentions a phrase in no form."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dualview.dataset_builder.phrases.proof import occurs, other_forms
from dualview.dataset_builder.phrases.reading import ReadPassage
from tests.dataset_builder.phrases.finding import find_phrases

Read = Callable[..., ReadPassage]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("allergies", "One allergy is enough."),
        ("allergies", "She is allergic to it."),
        ("Raoul Walsh", "WALSH made it."),
        ("Raoul Walsh", "Raouls Bruder kam."),
        ("wi-fi", "Wifi is slow."),
        ("e-mail", "No emails today."),
        ("café", "All cafes close."),
        ("1994", "It was in the 1990s."),
        ("1994", "It was back in '94."),
        ("1994", "It ran from 1989 to 1997."),
        ("1994", "It ran from 1989\u201397."),
        ("heart", "The heartbeat stops."),
        ("United Nations", "The UN said so."),
        ("Boeing 747", "There were 747 of them."),
        ("GIST", "The Gastrointestinal stromal tumor is rare."),
    ],
)
def test_a_form_of_a_phrase_counts_as_a_mention(read: Read, phrase: str, text: str) -> None:
    (found, *_) = find_phrases(read(f"It is about the {phrase}."))
    assert found.text == phrase
    assert occurs(found, read(text))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("allergies", "The illness is rare."),
        ("Raoul Walsh", "Anna Berger made it."),
        ("1994", "It ran from 1989 to 1992, and in the 1980s."),
        ("United Nations", "A league of peoples."),
    ],
)
def test_other_words_are_no_mention(read: Read, phrase: str, text: str) -> None:
    (found, *_) = find_phrases(read(f"It is about the {phrase}."))
    assert not occurs(found, read(text))


def test_letters_of_a_long_title_are_looked_for_in_linear_time(read: Read) -> None:
    (found, *_) = find_phrases(read("It is about the ABABABABABQ."))
    assert found.text == "ABABABABABQ"
    assert not occurs(found, read("Text.", title="abbaabba" * 100))
    assert occurs(found, read("Text.", title="abbaabba" * 100 + "q"))


def test_numbers_in_words_are_numbers(read: Read) -> None:
    (found, *_) = find_phrases(read("The model is the Ford 3."))
    assert occurs(found, read("There are three of them."))


def test_abbreviations_that_a_text_introduces_are_the_same_thing(read: Read) -> None:
    text = read("The World Health Organization (WHO) and the BBC (British Broadcasting Corporation) agree.")
    forms = {phrase.text: list(other_forms(phrase, text)) for phrase in find_phrases(text)}
    assert forms["World Health Organization"] == ["WHO"]
    assert forms["BBC"] == ["British Broadcasting Corporation"]
