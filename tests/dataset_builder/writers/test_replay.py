"""The writer ``replay``: each recorded reversal becomes a pair over the passages of its set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dualview.dataset_builder.schema import AttributedTopic, CandidateSet, Passage, Rejection, ViewPair
from dualview.dataset_builder.writers.replay import ReplayWriter

Make = Callable[..., Any]


def test_every_passage_of_a_set_is_the_positive_of_its_own_view(candidate_set: Make) -> None:
    found: CandidateSet = candidate_set()
    first, second = ReplayWriter().write(found)
    assert isinstance(first, ViewPair) and isinstance(second, ViewPair)
    positive, one, two = found.positive, *found.instruction_negatives
    assert (first.positive, first.reversed_positive, first.other_instruction_negatives) == (
        positive,
        one,
        (two,),
    )
    assert (second.positive, second.reversed_positive) == (positive, two)
    assert second.other_instruction_negatives == (one,)
    assert [pair.reversed_instruction for pair in (first, second)] == [
        it.instruction for it in found.recorded
    ]
    assert [pair.lever for pair in (first, second)] == ["time", "region"]
    for pair in (first, second):
        assert pair.instruction == found.instruction and pair.set_id == found.set_id
        assert pair.answers == (positive, one, two)
        assert pair.writer.kind == "replay" and pair.writer.model is None


def test_a_reversal_whose_passage_is_in_another_split_is_rejected(candidate_set: Make) -> None:
    found: CandidateSet = candidate_set()
    left = replace(found, instruction_negatives=found.instruction_negatives[1:])
    first, second = ReplayWriter().write(left)
    assert isinstance(first, Rejection) and first.reason == "target_left_out"
    assert isinstance(second, ViewPair) and second.other_instruction_negatives == ()


def test_only_sets_with_a_record_are_taken(candidate_set: Make) -> None:
    writer = ReplayWriter()
    assert writer.accepts(candidate_set())
    assert not writer.accepts(candidate_set(recorded=()))
    passages = (Passage("a", "", "x"), Passage("b", "", "y"))
    assert not writer.accepts(AttributedTopic("q", "query", passages, ({"a": "1"}, {"a": "2"})))
