"""InfoSearch's WISE and SICR, by hand and on wild input."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.trainer.evaluation.metrics import ThreeRuns, sicr_by_query, wise_by_query
from tests.trainer.evaluation.metrics.rankings import DOCIDS, SCORES, ranked


def three(original: list[str], instructed: list[str], reversed_: list[str]) -> ThreeRuns:
    return ThreeRuns({"q": ranked(*original)}, {"q": ranked(*instructed)}, {"q": ranked(*reversed_)})


def with_rank(docid: str, rank: int) -> list[str]:
    others = [f"x{number:02}" for number in range(40)]
    return [*others[: rank - 1], docid, *others[rank - 1 :]]


@pytest.mark.parametrize(
    ("ranks", "negatives", "expected"),
    [
        ((3, 1, 5), 2, 1.0),  # original rank within the three known documents, first under the instruction
        ((4, 1, 5), 2, 1 - 3 / 20),  # beyond them
        ((4, 2, 5), 5, (1 - 2 / 20) / math.sqrt(2)),
        ((1, 1, 2), 0, 1.0),
        ((20, 4, 21), 0, (1 - 16 / 20) / 2),
        ((21, 1, 30), 0, 0.01),
        ((5, 9, 2), 3, -1.0),
        ((5, 9, 5), 3, (5 - 9) / 9),  # it fell under the instruction
        ((5, 5, 5), 3, 0.0),
        ((5, 9, 12), 3, (5 - 9) / 9),
        ((5, 2, 3), 3, (3 - 5) / 5),  # it rose under the reversed one too
    ],
)
def test_wise_by_hand(ranks: tuple[int, int, int], negatives: int, expected: float) -> None:
    runs = three(*(with_rank("gold", rank) for rank in ranks))
    found = wise_by_query(runs, {"q": ["gold"]}, {"q": [f"n{number}" for number in range(negatives)]})
    assert found["q"] == pytest.approx(expected)


def test_sicr_by_hand() -> None:
    runs = ThreeRuns(
        {"q": {"a": 0.5, "b": 0.6, "c": 0.9, "d": 0.1}},
        {"q": {"a": 0.8, "b": 0.7, "c": 0.9, "d": 0.2}},
        {"q": {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.9}},
    )
    # a rises 3 → 2 and falls to 4, c stays first with an equal score and falls; b's rank worsens; d rises
    # when it should fall.
    for gold, complies in (("a", 1), ("b", 0), ("c", 1), ("d", 0)):
        assert sicr_by_query(runs, {"q": [gold]}) == {"q": complies}, gold
    assert sicr_by_query(runs, {"q": ["a", "b", "c", "d"]}) == {"q": 0.5}
    # First already: it must stay first.
    second = ThreeRuns(runs.original, {"q": {**runs.instructed["q"], "c": 0.75}}, runs.reversed)
    assert sicr_by_query(second, {"q": ["c"]}) == {"q": 0}
    # Not found under the instruction, it does not comply.
    lost = ThreeRuns(runs.original, {"q": {"b": 1.0}}, runs.reversed)
    assert sicr_by_query(lost, {"q": ["a"]}) == {"q": 0}


@given(SCORES, SCORES, SCORES, st.sets(DOCIDS, min_size=1, max_size=3), st.sets(DOCIDS, max_size=3))
def test_infosearch_figures_are_bounded(
    original: dict[str, float],
    instructed: dict[str, float],
    reversed_: dict[str, float],
    positives: set[str],
    negatives: set[str],
) -> None:
    runs = ThreeRuns({"q": original}, {"q": instructed}, {"q": reversed_})
    assert -1 <= wise_by_query(runs, {"q": positives}, {"q": negatives})["q"] <= 1
    assert 0 <= sicr_by_query(runs, {"q": positives})["q"] <= 1
    # Nothing that moves, no compliance.
    still = ThreeRuns({"q": original}, {"q": original}, {"q": original})
    assert sicr_by_query(still, {"q": positives})["q"] == 0
