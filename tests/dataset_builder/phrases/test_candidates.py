"""Phrases of a passage: names, terms and years."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.dataset_builder.phrases.candidates import NAME, TERM, YEAR, title_span
from dualview.dataset_builder.phrases.corpus import lexicon_of
from dualview.dataset_builder.phrases.reading import ReadPassage, read_text
from tests.dataset_builder.phrases.finding import find_phrases

Read = Callable[..., ReadPassage]


def found(read: ReadPassage, kind: str) -> list[str]:
    return [phrase.text for phrase in find_phrases(read) if phrase.kind == kind]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It was directed by Raoul Walsh and shot in Cuba.", ["Raoul Walsh", "Cuba"]),
        ("Yesterday it rained. Never say never.", []),
        (
            "He read J. R. R. Tolkien at the University of Oxford.",
            ["J. R. R. Tolkien", "University of Oxford"],
        ),
        ("A French film of the director.", []),
        ("They saw Larceny in Her Heart.", ["Larceny"]),
        ("She has Parkinson's, as they say.", ["Parkinson"]),
        ("It runs on Windows 11 and on Linux.", ["Windows 11", "Linux"]),
    ],
)
def test_names_are_capitalised_runs_that_open_no_sentence(read: Read, text: str, names: list[str]) -> None:
    assert found(read(text), NAME) == names


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The pituitary gland is at the base of the brain.", ["pituitary gland", "brain"]),
        ("Doctors recommend surgery. It slowly improved.", []),
        ("It is caused by severe infections, or by radiation.", ["severe infections", "radiation"]),
        ("The film of two hours and three friends is starring Anna.", ["film"]),
        ("In the particular case of the patient", []),
    ],
)
def test_terms_stand_between_words_that_name_a_thing(read: Read, text: str, terms: list[str]) -> None:
    assert found(read(text), TERM) == terms


def test_years_are_no_amounts_and_no_parts_of_dates_in_digits(read: Read) -> None:
    text = "In 1946 it cost $1950, in 1947, 1,948 or 12.1949 and, finally, 1950."
    assert found(read(text), YEAR) == ["1946", "1947", "1950"]


def test_a_table_is_all_that_a_language_needs(read: Read) -> None:
    german = read("Bei der chronischen Bronchitis ist der Husten von Anna Berger sehr lästig.", language="de")
    assert {phrase.text for phrase in find_phrases(german)} >= {"Anna Berger"}
    russian = read("Это рассказ про дождливую осень в Москве или про море.", language="ru")
    assert {phrase.text for phrase in find_phrases(russian)} >= {"Москве", "море"}
    unknown = read("kaj la domo de Anna Berger estas 1946", language="eo")
    assert [phrase.text for phrase in find_phrases(unknown)] == ["Anna Berger", "1946"]


def test_a_title_is_a_phrase_unless_it_is_a_sentence_or_long(read: Read) -> None:
    for title, is_phrase in (
        ("Sourdough starter", True),
        ("The Lady of the Manor", True),
        ("Nobody deserves it", False),
        ("I've never made a commit", False),
        ("Seven: the number", False),
        ("A very long title of quite many words indeed", False),
        ("", False),
    ):
        assert (title_span(read("Some text.", title)) is not None) == is_phrase, title


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_can_be_read(text: str, title: str) -> None:
    read = read_text(f"{title}\n{text}" if title else text, lexicon_of("en"), title)
    assert "".join(read.parts) == read.text
    for phrase in find_phrases(read):
        assert read.count(phrase.stems) >= 1
        assert phrase.first >= read.title
