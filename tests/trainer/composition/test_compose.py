"""Vectors of queries with an instruction: what it excludes is subtracted, what it wishes is added."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.composition.compose import compose
from dualview.trainer.composition.exclude import exclude
from dualview.trainer.composition.instructed import split_instruction


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def test_a_wish_is_added_and_what_is_excluded_subtracted(minilm: SentenceTransformer) -> None:
    joined, wish, plastic = minilm.encode_query(
        ["chess set under 20 euros", "under 20 euros", "plastic"], normalize_embeddings=True
    )
    found = compose("chess set", "under 20 euros, no plastic", model=minilm, alpha=0.5, emphasis=0.25)
    assert found.dtype == np.float32
    assert np.allclose(found, unit(unit(joined - 0.5 * plastic) + 0.25 * wish), atol=1e-5)
    only_wish = compose("chess set", "under 20 euros", model=minilm, emphasis=0.25)
    assert np.allclose(only_wish, unit(joined + 0.25 * wish), atol=1e-5)


def test_an_instruction_that_only_excludes_is_what_exclude_makes(minilm: SentenceTransformer) -> None:
    found = compose("vegetable soup", "no carrots or leeks", model=minilm, alpha=0.4)
    assert np.allclose(
        found, exclude("vegetable soup", ["carrots", "leeks"], model=minilm, alpha=0.4), atol=1e-5
    )


def test_without_an_instruction_the_query_is_split_itself(minilm: SentenceTransformer) -> None:
    query = "vegetable soup without carrots"
    assert np.allclose(compose(query, " ", model=minilm), exclude(query, model=minilm), atol=1e-5)


def test_what_is_left_of_the_instruction_is_joined_by_the_template() -> None:
    split = split_instruction(
        "soup", "for a cold day, nothing with carrots", template="{query} | {instruction}"
    )
    assert (split.text.wanted, split.text.excluded, split.wish) == (
        "soup | for a cold day",
        ("carrots",),
        "for a cold day",
    )
    assert split_instruction("soup", "nothing with carrots").text.wanted == "soup"


@pytest.mark.parametrize(
    ("query", "given", "problem"),
    [
        (" ", {}, "give the words of a search"),
        ("soup", {"alpha": -0.1}, "alpha is -0.1; it must not be negative"),
        ("soup", {"emphasis": float("nan")}, "emphasis is nan"),
        ("soup", {"language": "xx"}, "no table of cues"),
    ],
)
def test_bad_input_is_named(
    minilm: SentenceTransformer, query: str, given: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        compose(query, "no carrots", model=minilm, **given)
