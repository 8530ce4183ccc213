"""nDCG, reciprocal ranks and the worst instruction of a query."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.trainer.evaluation.metrics import (
    mrr_by_query,
    ndcg,
    ndcg_by_query,
    robustness_by_query,
    trec_by_query,
)
from tests.trainer.evaluation.metrics.rankings import DOCIDS, SCORES, ranked


def test_ndcg_by_hand() -> None:
    # Gains 0, 1, 2 at ranks 1, 2, 3, against 2, 1.
    value = (1 / math.log2(3) + 2 / math.log2(4)) / (2 / math.log2(2) + 1 / math.log2(3))
    assert ndcg(["x", "a", "b"], {"a": 1, "b": 2, "c": -1}) == pytest.approx(value)
    assert ndcg(["x", "a", "b"], {"a": 1, "b": 2}, k=1) == 0
    assert ndcg(["x"], {"a": 0}) == 0


@given(SCORES, st.dictionaries(DOCIDS, st.integers(-1, 3), min_size=1, max_size=6))
def test_figures_of_retrieval_lie_between_0_and_1(scores: dict[str, float], labels: dict[str, int]) -> None:
    run, qrels = {"q": scores}, {"q": labels}
    found = trec_by_query(
        run, qrels, ["ndcg_at_5", "ndcg_at_10", "map_at_1000", "recall_at_1", "recall_at_100"]
    )
    for by_query in (*found.values(), mrr_by_query(run, qrels), ndcg_by_query(run, qrels)):
        assert 0 <= by_query["q"] <= 1 + 1e-12


def test_first_reciprocal_rank_sees_the_first_ten() -> None:
    run = {"q": ranked(*(f"d{number:02}" for number in range(20)))}
    assert mrr_by_query(run, {"q": {"d09": 1, "d15": 1}})["q"] == pytest.approx(0.1)
    assert mrr_by_query(run, {"q": {"d10": 1}})["q"] == 0
    assert np.isclose(mrr_by_query(run, {"q": {"d02": 0, "d04": 2}})["q"], 0.2)


def test_robustness_is_the_worst_instruction() -> None:
    ndcgs = {"q/1": 0.9, "q/2": 0.4, "r/1": 1.0}
    assert robustness_by_query(ndcgs, {"q": ["q/1", "q/2"], "r": ["r/1"]}) == {"q": 0.4, "r": 1.0}
