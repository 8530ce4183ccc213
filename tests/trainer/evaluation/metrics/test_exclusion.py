"""ExcluIR's figures, by hand."""

from __future__ import annotations

import pytest

from dualview.trainer.evaluation.metrics import Exclusion, exclusion_by_query
from tests.trainer.evaluation.metrics.rankings import ranked


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["w", "e"], (1, 1, 1, 0.5, 1)),
        (["e", "w"], (0, 0.5, -1, -0.5, 0)),
        (["x", "w", "e"], (0, 0.5, 0, 0.5 - 1 / 3, 1)),
        (["w"], (1, 1, 1, 1, 1)),
        (["e"], (0, 0, -1, -1, 0)),
        ([*"abcdfghijk", "w", "e"], (0, 0, 0, 0, 0)),
        (["x"], (0, 0, 0, 0, 0)),
    ],
)
def test_exclusion_by_hand(order: list[str], expected: tuple[float, ...]) -> None:
    found = exclusion_by_query({"q": ranked(*order)}, {"q": Exclusion("w", "e")})
    names = ("recall_at_1", "mrr_at_10", "recall_at_1_gap", "mrr_at_10_gap", "right_rank")
    assert [found[name]["q"] for name in names] == pytest.approx(list(expected))
