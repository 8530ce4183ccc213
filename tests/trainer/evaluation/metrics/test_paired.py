"""Paired accuracy: every view of a set right, or none of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dualview.trainer.evaluation.metrics import PairedSet, paired_accuracy_by_set, view_is_right
from tests.trainer.evaluation.metrics.rankings import SCORES, ranked


def test_paired_accuracy_needs_every_view() -> None:
    sets = {"s": PairedSet(("q1", "q2", "q3"), ("a", "b", "c"))}
    right = {"q1": ranked("a", "b", "c"), "q2": ranked("b", "c", "a"), "q3": ranked("c", "b", "a")}
    assert paired_accuracy_by_set(right, sets) == {"s": 1.0}
    assert paired_accuracy_by_set({**right, "q3": ranked("b", "c", "a")}, sets) == {"s": 0.0}
    # A document outside the set may be above; one that belongs to the set may not.
    outside = {**right, "q1": ranked("x", "a", "b", "c")}
    assert paired_accuracy_by_set(outside, sets) == {"s": 1.0}
    wide = {"s": PairedSet(("q1", "q2", "q3"), ("a", "b", "c"), ("a", "b", "c", "x"))}
    assert paired_accuracy_by_set(outside, wide) == {"s": 0.0}


def test_a_view_whose_documents_are_not_ranked() -> None:
    assert view_is_right({"a": 1.0}, "a", ["b"])
    assert not view_is_right({"b": 1.0}, "a", ["b"])
    assert not view_is_right({"c": 1.0}, "a", ["b"])
    # A tie goes to the higher document id.
    assert view_is_right({"a": 1.0, "b": 1.0}, "b", ["a"])
    assert not view_is_right({"a": 1.0, "b": 1.0}, "a", ["b"])


@given(SCORES, st.permutations(["a", "b", "c"]))
def test_one_ranking_for_all_views_never_makes_a_pair_right(
    scores: dict[str, float], wanted: list[str]
) -> None:
    run = {f"q{number}": scores for number in range(3)}
    assert paired_accuracy_by_set(run, {"s": PairedSet(("q0", "q1", "q2"), tuple(wanted))}) == {"s": 0.0}
