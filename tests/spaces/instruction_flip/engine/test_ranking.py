"""Ranks, ties, p-MRR and flip, compared with figures computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from flip.engine.ranking import Ranking, moves, p_mrr, p_mrr_of_ranks, rank, views_right
from flip.types import View
from flip_making import TableEncoder, make_example
from hypothesis import given
from hypothesis import strategies as st


def ranking(*docids: str) -> Ranking:
    return Ranking(docids, tuple(1 - n / 10 for n in range(len(docids))))


def test_higher_scores_come_first() -> None:
    found = rank(np.array([1.0, 0.0]), np.array([[0.1, 0.9], [0.8, 0.2], [0.5, 0.5]]), ["a", "b", "c"])
    assert found.docids == ("b", "c", "a")
    assert found.scores == (0.8, 0.5, 0.1)


def test_ties_go_to_the_higher_id_whatever_the_input_order() -> None:
    same = np.ones((3, 1))
    assert rank(np.ones(1), same, ["a", "c", "b"]).docids == ("c", "b", "a")
    assert rank(np.ones(1), same, ["b", "a", "c"]).docids == ("c", "b", "a")
    # As strings, as in trec_eval: "10" comes before "9".
    assert rank(np.ones(1), np.ones((2, 1)), ["9", "10"]).docids == ("9", "10")


def test_an_absent_document_ranks_behind_the_last() -> None:
    assert ranking("a", "b").rank_of("a") == 1
    assert ranking("a", "b").rank_of("z") == 3


@pytest.mark.parametrize(
    ("before", "after", "figure"), [(1, 4, 0.75), (4, 1, -0.75), (2, 2, 0.0), (1, 2, 0.5), (3, 2, -1 / 3)]
)
def test_p_mrr_of_a_document_by_hand(before: int, after: int, figure: float) -> None:
    assert p_mrr_of_ranks(before, after) == pytest.approx(figure)


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_p_mrr_is_a_fraction_and_swaps_sign(before: int, after: int) -> None:
    figure = p_mrr_of_ranks(before, after)
    assert -1 < figure < 1
    assert figure == pytest.approx(-p_mrr_of_ranks(after, before))


def test_p_mrr_of_a_set_is_the_mean_over_changes_from_the_original_view() -> None:
    views = [View("a", "x"), View("b", "y"), View("c", "z")]
    rankings = [ranking("x", "y", "z"), ranking("y", "x", "z"), ranking("z", "y", "x")]
    # x goes from 1 to 2 (0.5), and from 1 to 3 (2/3).
    assert p_mrr(rankings, views) == pytest.approx((0.5 + 2 / 3) / 2)
    assert p_mrr(rankings, [*views[:2], View("c", None)]) is None


def test_a_set_counts_only_if_every_view_is_right() -> None:
    views = [View("a", "x"), View("b", "y")]
    both = [ranking("x", "y"), ranking("y", "x")]
    assert views_right(both, views) == (True, True)
    same = [ranking("x", "y"), ranking("x", "y")]
    assert views_right(same, views) == (True, False)
    assert views_right(both, [View("a", "x"), View("b", None)]) is None


def test_moves_are_ranks_gained() -> None:
    assert moves(ranking("a", "b", "c"), ranking("c", "a", "b")) == {"c": 2, "a": -1, "b": -1}


def test_a_model_is_asked_once_for_passages_and_once_for_queries() -> None:
    example = make_example()
    queries = ("query", "query instruction a", "query instruction b")
    vectors = {text: [1.0, 0.0] for text in (*(p.joined for p in example.passages), *queries)}
    encoder = TableEncoder(vectors)
    from flip.engine.compare import run_model

    run_model(example, encoder)
    assert [len(asked) for asked in encoder.asked] == [3, 3]
    assert encoder.asked[1] == queries
