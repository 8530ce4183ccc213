"""The last check: whatever planned the splits, a leak is found."""

from __future__ import annotations

from typing import Any

import pytest

from dualview.dataset_builder.splits.leaks import LeakCheck

P = {"docid": "p", "title": "", "text": "Shared text."}


def row(number: int, **fields: Any) -> dict[str, Any]:
    return {"query": f"query {number}", "positive": {**P, "text": f"own {number}"}, **fields}


def test_what_stays_in_a_split_is_no_leak() -> None:
    leaks = LeakCheck()
    for split in ("train", "train", "test"):
        leaks.add(split, row(len(split), hard_negatives=[{**P, "text": split}]))
    assert leaks.count() == {"queries": 0, "passages": 0}


@pytest.mark.parametrize(
    "fields",
    [
        {"positive": P},
        {"reversed_positive": P},
        {"other_instruction_negatives": [P]},
        {"hard_negatives": [P]},
        {"positives": [{**P, "text": "x"}, {**P, "docid": "other", "title": "t", "text": "SHARED  text."}]},
    ],
)
def test_a_passage_is_found_in_every_role(fields: dict[str, Any]) -> None:
    leaks = LeakCheck()
    leaks.add("train", row(1, hard_negatives=[P]))
    leaks.add("validation", row(2, **fields))
    assert leaks.count() == {"queries": 0, "passages": 1}


def test_a_query_in_three_splits_is_one_leak() -> None:
    leaks = LeakCheck()
    for number, split in enumerate(("train", "validation", "test")):
        leaks.add(split, {"query": " Query " + "\n" * number, "positive": None})
    assert leaks.count() == {"queries": 1, "passages": 0}


def test_sweeping_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dualview.dataset_builder.splits.leaks._FIRST_SWEEP", 5)
    leaks = LeakCheck()
    for number in range(100):
        leaks.add("train", row(number % 30))
        leaks.add("test", row(29 + number % 30))
    assert leaks.count() == {"queries": 1, "passages": 1}
