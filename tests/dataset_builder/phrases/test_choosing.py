"""Weights of phrases against the corpus, and how phrases are dealt out."""

from __future__ import annotations

from collections.abc import Callable

from dualview.dataset_builder.phrases.choosing import choose_phrases
from dualview.dataset_builder.phrases.dealing import phrase_split
from dualview.dataset_builder.phrases.frequencies import Frequencies
from dualview.dataset_builder.phrases.reading import ReadPassage
from tests.dataset_builder.phrases.finding import find_phrases

Read = Callable[..., ReadPassage]


def test_rare_phrases_come_first_and_common_words_not_at_all(read: Read) -> None:
    frequencies = Frequencies()
    passages = [read(f"The clinic in Town{n} is good for the fever.") for n in range(200)]
    own = read("The clinic in Genoa is good for the fever and the gout. The gout of Genoa is old.")
    for passage in (*passages, own, read("The gout is old.")):
        frequencies.add(passage)
    assert frequencies.passages == 202
    chosen = choose_phrases(own, frequencies, 5)
    assert [one.phrase.text for one in chosen] == ["Genoa", "gout"]
    assert [one.times for one in chosen] == [2, 2] and all(one.about for one in chosen)


def test_a_capitalised_word_is_no_name_where_it_is_mostly_in_lower_case(read: Read) -> None:
    frequencies = Frequencies()
    for _ in range(3):
        frequencies.add(read("They expect it of Genoa."))
    heading = read("It is in What To Expect, says Genoa.")
    frequencies.add(heading)
    assert "Expect" not in [one.phrase.text for one in choose_phrases(heading, frequencies, 9)]


def test_phrases_with_the_same_head_are_dealt_out_together(read: Read) -> None:
    names = find_phrases(read("It is about Walsh, about Raoul Walsh, and about the allergy."))
    assert len({phrase_split(phrase) for phrase in names[:2]}) == 1
    (one,), (two,) = find_phrases(read("It is the allergy.")), find_phrases(read("It is the allergies."))
    assert phrase_split(one) == phrase_split(two)
    splits = [phrase_split(find_phrases(read(f"It is in Town{n}."))[0]) for n in range(1_000)]
    assert 100 < splits.count("test") < 200 and 100 < splits.count("validation") < 200
