"""Data of a run: loaded rows, and the counts of what went in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dualview.trainer.data.training_data import DualViewData, load_training_data
from dualview.trainer.settings.training import TrainingSettings


@pytest.fixture
def load(
    rows: list[dict[str, Any]],
    dataset_writer: Callable[..., Path],
    settings_for: Callable[..., TrainingSettings],
    tmp_path: Path,
) -> Callable[..., DualViewData]:
    """Load 32 candidate sets, of which the last 10 are of another source; two rows each."""
    train = [{**row, "source": "seeds" if place < 44 else "films"} for place, row in enumerate(rows[:64])]
    folder = dataset_writer(tmp_path / "two", train, rows[64:])

    def of_settings(weight: str = "", **changes: Any) -> DualViewData:
        return load_training_data(settings_for(dataset=[f"{folder}{weight}"], **changes))

    return of_settings


def test_counts_are_of_what_goes_in(load: Callable[..., DualViewData]) -> None:
    whole = load()
    assert whole.mixture["candidate sets"] == whole.mixture["queries"] == 32
    assert whole.mixture["pairs of opposite instructions"] == 64
    without = load(source_weights={"films": 0.0})
    assert set(without.rows["dual_view"]["source"]) == {"seeds"}
    assert without.mixture["candidate sets"] == without.mixture["queries"] == 22
    assert without.mixture["pairs of opposite instructions"] == 44
    views = sum(map(len, without.rows["dual_view"]["instructions"]))
    assert without.mixture["instructed views"] == views < whole.mixture["instructed views"]


def test_repetitions_are_counted_as_rows_alone(load: Callable[..., DualViewData]) -> None:
    whole, thrice = load(), load("=3")
    rows = "training rows, repetitions included"
    assert thrice.mixture[rows] == 3 * whole.mixture[rows]
    assert {**thrice.mixture, rows: 0} == {**whole.mixture, rows: 0}


def test_half_a_dataset_counts_as_what_was_drawn(load: Callable[..., DualViewData]) -> None:
    half = load("=0.5")
    drawn = half.rows["dual_view"]["query_id"]
    assert 5 < len(drawn) < 27
    assert half.mixture["candidate sets"] == half.mixture["queries"] == len(drawn)
    assert half.mixture["instructed views"] == sum(map(len, half.rows["dual_view"]["instructions"]))
