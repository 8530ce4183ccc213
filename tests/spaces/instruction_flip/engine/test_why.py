"""Leave-one-out over the phrases of an instruction."""

from __future__ import annotations

import pytest
from flip.engine.why import MAX_PHRASES, explain, phrases
from flip_making import TableEncoder, make_example
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("instruction", "found"),
    [
        ("its history, not its price", ["its history,", "not its price"]),
        ("without any nuts", ["without any nuts"]),
        ("I am interested in how much money it takes", ["I am interested", "in how much money", "it takes"]),
        ("for adults only", ["for adults only"]),
        ("only", ["only"]),
    ],
)
def test_words_that_lead_to_another_one_go_with_it(instruction: str, found: list[str]) -> None:
    assert phrases(instruction) == found


@given(st.text(min_size=1, max_size=400).filter(lambda text: text.split()))
def test_no_word_is_lost(instruction: str) -> None:
    found = phrases(instruction)
    assert " ".join(found).split() == instruction.split()
    assert 1 <= len(found) <= MAX_PHRASES


def test_the_effect_is_the_score_with_the_phrase_less_that_without() -> None:
    example = make_example()
    vectors = {
        "title 0\ntext 0": [1.0, 0.0],
        "query instruction a": [0.6, 0.8],
        "query instruction": [0.1, 0.99],
        "query a": [0.8, 0.6],
        "query": [0.0, 1.0],
    }
    encoder = TableEncoder(vectors)
    (effect,) = explain(example, encoder, 0, "d0")
    # "a" leads nowhere, so it belongs to the word before it: one phrase, without which the query is left.
    assert effect.phrase == "instruction a"
    assert effect.score == pytest.approx(0.6)
    assert len(encoder.asked) == 2
