"""p-MRR and the score of FollowIR, by hand and on wild input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.trainer.evaluation.metrics import (
    MetricError,
    changed_documents,
    followir_score,
    p_mrr,
    p_mrr_by_query,
    p_mrr_gained_by_query,
    rank_change,
)
from tests.trainer.evaluation.metrics.rankings import DOCIDS, SCORES, ranked


def test_rank_change_is_follow_irs() -> None:
    assert rank_change(4, 1) == -0.75
    assert rank_change(1, 4) == 0.75
    assert rank_change(3, 3) == 0


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_rank_change_is_antisymmetric_and_bounded(before: int, after: int) -> None:
    change = float(rank_change(before, after))
    assert -1 < change < 1
    assert change == -float(rank_change(after, before))
    assert (change > 0) == (after > before)


def test_p_mrr_averages_over_documents_then_queries() -> None:
    original = {"q1": ranked("a", "b", "c", "d"), "q2": ranked("a", "b")}
    changed = {"q1": ranked("b", "c", "d", "a"), "q2": ranked("b", "a")}
    # q1: a 1 → 4 (0.75), b 2 → 1 (-0.5); q2: a 1 → 2 (0.5).
    assert p_mrr_by_query(original, changed, {"q1": ["a", "b"], "q2": ["a"]}) == {"q1": 0.125, "q2": 0.5}
    assert p_mrr(original, changed, {"q1": ["a", "b"], "q2": ["a"]}) == pytest.approx(0.3125)
    # A document that a ranking lacks is one below its end: 1 → 3.
    assert p_mrr(original, {"q2": {"b": 1.0, "c": 0.5}}, {"q2": ["a"]}) == pytest.approx(1 - 1 / 3)
    # A query without changed documents is left out; without any query there is no figure.
    assert p_mrr_by_query(original, changed, {"q1": [], "q2": ["a"]}) == {"q2": 0.5}
    with pytest.raises(MetricError, match="no query"):
        p_mrr(original, changed, {"q1": []})


@given(SCORES, SCORES, st.sets(DOCIDS, min_size=1, max_size=4), st.randoms())
def test_p_mrr_and_its_mirror(
    before: dict[str, float], after: dict[str, float], docids: set[str], random
) -> None:
    figure = p_mrr({"q": before}, {"q": after}, {"q": docids})
    assert -1 < figure < 1
    # The mirror of the mirror, and the same documents looked at from the other side.
    assert figure == pytest.approx(-p_mrr({"q": after}, {"q": before}, {"q": docids}))
    assert p_mrr_gained_by_query({"q": before}, {"q": after}, {"q": docids})["q"] == pytest.approx(-figure)
    items = list(before.items())
    random.shuffle(items)
    moved = {docid: 5 * score + 1 for docid, score in items}
    assert p_mrr({"q": moved}, {"q": after}, {"q": docids}) == figure


def test_follow_ir_score_wants_its_three_datasets() -> None:
    assert followir_score({"Robust04": 0.2, "News21": 0.4, "Core17": 0.3}) == pytest.approx(0.3)
    with pytest.raises(MetricError, match="'Core17' is missing"):
        followir_score({"Robust04": 0.2, "News21": 0.4})


def test_changed_documents_are_those_whose_label_changed() -> None:
    before = {"q": {"a": 1, "b": 2, "c": 0, "d": 1}}
    after = {"q": {"a": 0, "b": 1, "c": 1}}
    assert changed_documents(before, after) == ({"q": ["a", "d"]}, {"q": ["c"]})
