"""Ranks: ties, scores in an array, and scores that are no numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.trainer.evaluation.metrics import ArrayScores, InvalidScoreError, ranking, ranks_of
from tests.trainer.evaluation.metrics.rankings import DOCIDS, SCORES


def test_ties_go_to_the_higher_document_id_whatever_the_input_order() -> None:
    assert ranking({"b": 1.0, "10": 1.0, "9": 1.0, "a": 2.0}) == ["a", "b", "9", "10"]
    assert ranks_of({"b": 1.0, "10": 1.0, "9": 1.0, "a": 2.0}, ["10", "a", "9", "none"]).tolist() == [
        4,
        1,
        3,
        5,
    ]


@given(SCORES, st.randoms())
def test_ranks_agree_with_the_ranking(scores: dict[str, float], random) -> None:
    order = ranking(scores)
    assert ranks_of(scores, order).tolist() == list(range(1, len(order) + 1))
    shuffled = list(scores.items())
    random.shuffle(shuffled)
    assert ranking(dict(shuffled)) == order
    assert (
        ranks_of({docid: 3 * score - 7 for docid, score in shuffled}, order).tolist()
        == ranks_of(scores, order).tolist()
    )


@given(SCORES, st.lists(DOCIDS, min_size=1, max_size=20))
def test_scores_that_came_in_an_array_are_ranked_as_any_others(
    scores: dict[str, float], docids: list[str]
) -> None:
    from_array = ArrayScores(list(scores), np.array(list(scores.values()), dtype=np.float32))
    assert from_array == scores and from_array.array is not None
    assert ranks_of(from_array, docids).tolist() == ranks_of(scores, docids).tolist()


def test_scores_that_came_in_an_array_cannot_fall_out_with_it() -> None:
    values = np.array([0.5, 0.25])
    scores = ArrayScores(["a", "b"], values)
    values[1] = 1.0
    assert ranks_of(scores, ["a", "b"]).tolist() == [1, 2]
    for change in (
        lambda: scores.__setitem__("b", 1.0),
        lambda: scores.update(b=1.0),
        lambda: scores.pop("b"),
        lambda: scores.setdefault("c", 1.0),
    ):
        with pytest.raises(TypeError, match="copy them"):
            change()
    # A document that comes twice has its last score, as in any dictionary.
    twice = ArrayScores(["a", "b", "a"], np.array([0.5, 0.25, 0.125]))
    assert ranks_of(twice, ["a", "b"]).tolist() == [2, 1]
    with pytest.raises(InvalidScoreError, match="'b' is not a number"):
        ranks_of(ArrayScores(["a", "b"], np.array([1.0, np.nan])), ["a"])
