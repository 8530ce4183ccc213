"""Texts that count as the same, and names of levers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.dataset_builder.levers import LEVERS, canonical_lever
from dualview.dataset_builder.schema import Passage
from dualview.dataset_builder.text_keys import exact_hash, passage_hash, text_hash, text_key


def test_case_space_and_unicode_forms_make_no_other_text() -> None:
    same = ["Caf\u00e9 ole", "cafe\u0301  OLE\n", "\uff23af\u00e9\u00a0ole "]
    assert len({text_key(text) for text in same}) == 1
    assert len({text_hash(text) for text in same}) == 1
    assert len({exact_hash(text) for text in same}) == 3
    assert text_key("caf\u00e9") != text_key("cafe")


def test_the_texts_of_a_hash_have_their_bounds() -> None:
    assert text_hash("ab", "c") != text_hash("a", "bc") != text_hash("abc")


def test_a_passage_is_its_text() -> None:
    assert passage_hash(Passage("1", "Beans", "Soak them.")) == passage_hash(Passage("2", "", "soak them."))


@given(st.text())
def test_any_text_has_a_stable_key_that_fits_into_eight_bytes(text: str) -> None:
    assert text_hash(text) == text_hash(text)
    assert -(2**63) <= text_hash(text) < 2**63


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("evidence", "evidence"),
        ("Evidence type", "evidence"),
        ("evidence type (exclusion)", "evidence"),
        ("cause-effect-remedy", "causality"),
        ("cause (exclusion)", "causality"),
        ("time_frame", "time"),
        ("named place", "region"),
        ("explicit exclusion", "exclusion"),
        ("exclusion", "exclusion"),
        ("Colour of the cover", "colour of the cover"),
        ("", ""),
    ],
)
def test_a_lever_has_one_name(written: str, name: str) -> None:
    assert canonical_lever(written) == name


@pytest.mark.parametrize("name", LEVERS)
def test_a_canonical_name_stays(name: str) -> None:
    assert canonical_lever(name) == name
