"""Telling languages apart: surely another one is found, and doubt is never held against a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.dataset_builder.checks.languages import differ_in_language, guess_languages, main_script

# ruff: noqa: RUF001 - other scripts are what this is about
IN = {
    "en": "Leave out whatever deals with the price, and show only what a beginner can do at home.",
    "de": "Bitte nur Texte, die sich mit dem Preis befassen, und nichts über die Geschichte der Stadt.",
    "fr": "Je veux seulement des documents qui parlent du prix, sans les détails sur l'histoire de la ville.",
    "es": "Solo quiero documentos que hablen del precio y no de la historia de la ciudad.",
    "it": "Voglio solo documenti che parlano del prezzo, senza i dettagli della storia della città.",
    "pt": "Quero apenas documentos que falem do preço e não da história da cidade, por favor.",
    "nl": "Ik wil alleen teksten die over de prijs gaan en niet over de geschiedenis van de stad.",
    "sv": "Jag vill bara ha texter som handlar om priset och inte om stadens historia.",
}
SCRIPTS = {
    "CYRILLIC": "Только документы о цене, без истории города.",
    "GREEK": "Μόνο έγγραφα για την τιμή, όχι για την ιστορία.",
    "ARABIC": "فقط وثائق عن السعر وليس عن التاريخ",
    "EAST ASIAN": "只要关于价格的文件",
    "HANGUL": "가격에 관한 문서만",
    "DEVANAGARI": "केवल कीमत के बारे में",
}


@pytest.mark.parametrize(("language", "text"), IN.items())
def test_running_text_shows_its_language(language: str, text: str) -> None:
    assert language in guess_languages(text)
    assert len(guess_languages(text)) <= 2


@pytest.mark.parametrize(("script", "text"), SCRIPTS.items())
def test_running_text_shows_its_script(script: str, text: str) -> None:
    assert main_script(text) == script


@pytest.mark.parametrize("text", IN.values())
@pytest.mark.parametrize("reference", IN.values())
def test_languages_differ_where_they_do(text: str, reference: str) -> None:
    neighbours = {text, reference} in ({IN["es"], IN["pt"]}, {IN["es"], IN["it"]}, {IN["it"], IN["pt"]})
    if not neighbours:
        assert (differ_in_language(text, reference) is None) == (text == reference)


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_differ(script: str) -> None:
    found = differ_in_language(SCRIPTS[script], "how to cook dried beans")
    assert found == f"the script is {script.lower()}, not latin"


@pytest.mark.parametrize(
    ("query", "instruction"),
    [
        ("iphone 15 pro max akku", IN["en"]),  # keywords say nothing
        ("de la soul discography", IN["en"]),
        ("the who", IN["de"]),
        ("über driver income", IN["en"]),
        ("naïve bayes", IN["en"]),
        ("x^2 + y^2 = r^2", IN["fr"]),
        ("", IN["en"]),
        ("東京", "東京のラーメン屋だけをお願いします"),
        ("ラーメン", "ラーメンの歴史ではなく作り方"),
        ("tokyo 東京 ramen ラーメン", IN["en"]),  # mixed scripts
        ("sort nearly sorted data", "My listeners panic at formulas, so no notation with a big O, please."),
        ("what does the word schadenfreude mean", "Only Schadenfreude, Weltschmerz und Zeitgeist."),
        ("who said l'état c'est moi", "Leave out Louis XIV's wars: I want the source of the sentence."),
    ],
)
def test_doubt_is_not_held_against_an_instruction(query: str, instruction: str) -> None:
    assert differ_in_language(instruction, query) is None


@given(st.text(), st.text())
def test_a_text_never_differs_from_itself_and_difference_is_mutual(text: str, other: str) -> None:
    assert differ_in_language(text, text) is None
    assert (differ_in_language(text, other) is None) == (differ_in_language(other, text) is None)
