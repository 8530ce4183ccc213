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


def test_a_source_that_is_left_out_is_not_validated_on(
    rows: list[dict[str, Any]],
    dataset_writer: Callable[..., Path],
    settings_for: Callable[..., TrainingSettings],
    tmp_path: Path,
) -> None:
    mixed = [{**row, "source": "seeds" if place % 4 else "films"} for place, row in enumerate(rows)]
    folder = dataset_writer(tmp_path / "mixed", mixed[:64], mixed[64:])
    settings = settings_for(dataset=[str(folder)], evaluations=1, source_weights={"films": 0.0})
    data = load_training_data(settings)
    assert data.validation is not None and set(data.validation["source"]) == {"seeds"}
    assert len(data.validation) == sum(row["source"] == "seeds" for row in mixed[64:])


def test_sources_of_one_query_are_rows_of_their_own(
    rows: list[dict[str, Any]],
    dataset_writer: Callable[..., Path],
    settings_for: Callable[..., TrainingSettings],
    tmp_path: Path,
) -> None:
    views = [
        {
            **row,
            "source": "seeds-views",
            "set_id": f"{row['set_id']}/views/0",
            "instruction": f"{row['instruction']} or so",
        }
        for row in rows[:64]
    ]
    # As the builder writes them: the rows of a query one after the other.
    both = [row for place in range(0, 64, 2) for row in (*rows[place : place + 2], *views[place : place + 2])]
    folder = dataset_writer(tmp_path / "both", both, rows[64:])
    settings = settings_for(dataset=[str(folder)], evaluations=0)
    joined = load_training_data(settings).rows["dual_view"]
    assert sorted(joined["source"]) == ["seeds"] * 32 + ["seeds-views"] * 32
    for row in joined:
        asked = [text for text in row["instructions"] if text.endswith("or so")]
        assert bool(asked) == (row["source"] == "seeds-views")
    streamed = load_training_data(
        settings_for(dataset=[str(folder)], evaluations=0, streaming=True, max_steps=1)
    )
    assert {(row["query_id"], row["source"]) for row in streamed.rows} == set(
        zip(joined["query_id"], joined["source"], strict=True)
    )
    assert len(list(streamed.rows)) == 64
    weighted = settings_for(
        dataset=[str(folder)], evaluations=0, source_weights={"seeds": 2.0, "seeds-views": 0.0}
    )
    assert sorted(load_training_data(weighted).rows["dual_view"]["source"]) == ["seeds"] * 64


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
