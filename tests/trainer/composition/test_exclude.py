"""Vectors of queries without what they exclude."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.composition.exclude import exclude


def test_subtracts_what_the_rule_finds(minilm: SentenceTransformer) -> None:
    wanted, museums, churches = minilm.encode_query(
        ["a week in Crete", "museums", "churches"], normalize_embeddings=True
    )
    sums = museums + churches
    expected = wanted - 0.3 * sums / np.linalg.norm(sums)
    found = exclude("a week in Crete, no museums or churches", model=minilm, alpha=0.3)
    assert found.dtype == np.float32
    assert np.allclose(found, expected / np.linalg.norm(expected), atol=1e-5)
    assert np.allclose(exclude("a week in Crete", ["museums", "churches"], model=minilm, alpha=0.3), found)


def test_a_query_that_excludes_nothing_is_encoded_as_it_is(minilm: SentenceTransformer) -> None:
    plain = minilm.encode_query("no-knead bread", normalize_embeddings=True)
    assert np.allclose(exclude("no-knead bread", model=minilm), plain, atol=1e-6)
    assert np.allclose(exclude("no-knead bread", [], model=minilm), plain, atol=1e-6)
    assert not np.allclose(exclude("no-knead bread", "salt", model=minilm), plain, atol=1e-3)


def test_alpha_zero_drops_the_clause_and_orthogonal_keeps_the_topic(minilm: SentenceTransformer) -> None:
    wanted = minilm.encode_query("soup", normalize_embeddings=True)
    assert np.allclose(exclude("soup without carrots", model=minilm, alpha=0), wanted, atol=1e-5)
    plain = exclude("soup without carrots", model=minilm, alpha=1)
    orthogonal = exclude("soup without carrots", model=minilm, alpha=1, orthogonal=True)
    assert orthogonal @ wanted > plain @ wanted


@pytest.mark.parametrize(
    ("query", "given", "problem"),
    [
        (" ", {}, "give the words of a search"),
        ("soup", {"unwanted": [""]}, "an unwanted phrase is ''"),
        ("soup", {"alpha": -0.1}, "must not be negative"),
        ("soup", {"alpha": float("nan")}, "must not be negative"),
        ("soup", {"language": "xx"}, "no table of cues"),
    ],
)
def test_bad_input_is_named(
    minilm: SentenceTransformer, query: str, given: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        exclude(query, model=minilm, **given)
