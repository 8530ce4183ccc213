"""Cues, phrases, contrasts and compositions."""

from __future__ import annotations

import random
import re

from benchmarks.compose.compositions import Topic, draw_compositions, topics_of
from benchmarks.compose.contrasts import film_contrasts, medical_contrasts, text_split
from benchmarks.compose.cues import EXCLUSIONS, INCLUSIONS, word
from benchmarks.compose.phrases import names_of, occurs, phrase_split
from benchmarks.compose.texts import Item
from benchmarks.compose.traps import TRAPS


def test_there_are_enough_wordings_and_none_is_in_two_splits() -> None:
    for table, least in ((EXCLUSIONS, 60), (INCLUSIONS, 20)):
        wordings = [wording for split in table.values() for wording in split]
        assert len(wordings) == len(set(wordings)) >= least
        assert all("{q}" in wording and "{t}" in wording for wording in wordings)
    traps = [trap for split in TRAPS.values() for trap in split]
    assert len(traps) == len(set(traps))


def test_held_out_wordings_exclude_by_words_that_no_training_wording_has() -> None:
    known = set(re.findall(r"[a-z']+", " ".join(EXCLUSIONS["train"]).lower()))
    for split in ("validation", "test"):
        for wording in EXCLUSIONS[split]:
            assert set(re.findall(r"[a-z']+", wording.lower())) - {"q", "t"} - known, wording


def test_words_a_list_and_leaves_braces_alone() -> None:
    draw = random.Random(0)
    assert word("{q} without {t}", "a {t} b", ["x"], draw) == "a {t} b without x"
    assert re.fullmatch(r"q, not x, y(,? or |,? and |, )z", word("{q}, not {t}", "q", ["x", "y", "z"], draw))


def test_finds_names_and_years_but_not_the_opening_of_a_sentence() -> None:
    found = names_of("Yesterday the film of Peter Sattler came out. It was shot in Cuba in 2014.")
    assert found == ["Peter Sattler", "Cuba", "2014"]


def test_training_compositions_hold_training_phrases_and_queries_alone() -> None:
    texts = ("They met Anna Berger in Vienna.", "The harbour of Genoa closed in 1946.")
    items = [
        Item("a", "practical", "train", "old ports", texts, (), ()),
        Item("b", "practical", "test", "secret query", texts, (), ()),
    ]
    topics = topics_of(items, {}, [])
    assert [topic.query for topic in topics] == ["old ports"]
    assert all(phrase_split(phrase) == "train" for phrase in topics[0].phrases)


def test_draws_lists_and_both_polarities_without_repeating_a_phrase() -> None:
    topics = [Topic("q one", ("A", "B", "C", "D")), Topic("q two", ("E", "F", "G", "H"))]
    drawn = draw_compositions(topics, own=1, count=400)
    assert {len(one.phrases) for one in drawn} == {1, 2, 3}
    assert 0.65 < sum(one.excludes for one in drawn) / 400 < 0.85
    for one in drawn:
        assert len(set(one.phrases)) == len(one.phrases)
        assert one.query in one.text
        assert all(phrase in one.text for phrase in one.phrases)


def test_a_contrasts_phrase_is_in_the_violating_passage_alone() -> None:
    diseases = [name for name in (f"Disease {n}" for n in range(400)) if text_split(name) == "validation"]
    shared = " Patients visit a clinic."
    rows = {
        name: [
            {"id": f"{name}/{n}", "type": str(n), "question": "What?", "answer": f"It has {text}.{shared}"}
            for n, text in enumerate(
                (f"the Marker{place} sign in Town{place}", f"the Other{place} of River{place}")
            )
        ]
        for place, name in enumerate(diseases)
    }
    found = medical_contrasts(rows, "validation", 50)
    assert len(found.contrasts) > 5
    for one in found.contrasts:
        assert one.phrase.lower() in found.passages[one.violating].lower()
        assert not occurs(one.phrase, found.passages[one.right])
        assert phrase_split(one.phrase) == "validation"


def test_two_films_are_paired_by_a_name_that_no_third_one_has() -> None:
    titles = [title for title in (f"Film {n}" for n in range(200)) if text_split(title) == "validation"][:26]
    rows = [
        {
            "title": title,
            "cast": [f"Actor No{place // 2}x", "Everyone Knows"],
            "text": f"With Actor No{place // 2}x, Everyone Knows, {chr(65 + place)}{chr(97 + place)}vik.",
        }
        for place, title in enumerate(titles)
    ]
    found = film_contrasts(rows, "validation", 50)
    assert found.contrasts
    for one in found.contrasts:
        assert {one.right // 2} == {one.violating // 2}
        assert "Everyone" not in one.query
