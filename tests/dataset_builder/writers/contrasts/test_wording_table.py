"""Tables of wordings: enough of them, filled as written, and no carrying word in two splits."""

from __future__ import annotations

import re
from random import Random

import pytest

from dualview.dataset_builder.phrases.language_tables import ANY_LANGUAGE
from dualview.dataset_builder.schema import SPLITS
from dualview.dataset_builder.writers.contrasts.wording_table import (
    BOTH,
    EXCLUSION,
    INCLUSION,
    KINDS,
    fill,
    known_languages,
    load_wordings,
)

LANGUAGES = (*known_languages(), ANY_LANGUAGE)


def test_english_has_sixty_wordings_each_way_at_all_places_of_a_query() -> None:
    cues = load_wordings("en").cues
    for kind in (EXCLUSION, INCLUSION):
        wordings = [wording for split in SPLITS for wording in cues[kind][split]]
        assert len(set(wordings)) == len(wordings) >= 60
        assert any(wording.startswith("{q}") for wording in wordings)
        assert any(wording.endswith("{q}") for wording in wordings)
        assert any(re.search(r"^[^{]+.*\{q\}.+$", wording) for wording in wordings)
        assert any(wording.endswith("?") for wording in wordings)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_has_wordings_of_each_kind_in_each_split(language: str) -> None:
    table = load_wordings(language)
    for kind in KINDS:
        slots = ("{q}", "{t}", "{u}") if kind == BOTH else ("{q}", "{t}")
        for split in SPLITS:
            assert table.cues[kind][split]
            for wording in table.cues[kind][split]:
                assert sorted(re.findall(r"\{.\}", wording)) == sorted(slots), wording
    for values in table.ranges.values():
        for side in values.values():
            assert all("{v}" in wording for split in SPLITS for wording in side[split])
    traps = [text for texts in table.kept.values() for text in texts]
    assert len(traps) == len(set(traps))


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_carry_a_held_out_wording_are_in_none_of_an_earlier_split(language: str) -> None:
    table = load_wordings(language)

    def wordings(*splits: str) -> str:
        return "\n".join(w for kind in KINDS for split in splits for w in table.cues[kind][split]).lower()

    for split, earlier in (("validation", ("train",)), ("test", ("train", "validation"))):
        known = wordings(*earlier)
        for kind in KINDS:
            for carrier in table.carriers[kind][split]:
                word = rf"(?<!\w){re.escape(carrier)}(?!\w)" if carrier[0].isalpha() else re.escape(carrier)
                assert not re.search(word, known), f"{language}: {carrier}"
                assert re.search(word, wordings(split)), f"{language}: {carrier}"


def test_joins_a_list_and_leaves_braces_of_texts_alone() -> None:
    table, draw = load_wordings("en"), Random(0)
    assert fill("{q} without {t}", q="a {t} b", t="{q}") == "a {t} b without {q}"
    assert table.join(["x"], draw) == "x"
    assert re.fullmatch(r"x(, | or | and | / )y", table.join(["x", "y"], draw))
    assert re.fullmatch(r"x, y(,? or |,? and |, )z", table.join(["x", "y", "z"], draw))


def test_a_language_without_a_table_has_operators() -> None:
    table = load_wordings("tlh")
    assert table.language == ANY_LANGUAGE
    assert not any(word.isalpha() for kind in KINDS for word in table.carriers[kind]["train"] if word)
    assert {"-{t}", "!= {t}"} <= set(table.behind_query(EXCLUSION, "train"))
