"""Written views are played in rounds: one view a text, each text's target alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dualview.dataset_builder.schema import (
    AttributedTopic,
    Passage,
    Rejection,
    ViewPair,
    ViewSet,
    WrittenView,
)
from dualview.dataset_builder.writers.replay import ReplayWriter

Make = Callable[..., Any]
A, B, C, D = (Passage(letter, f"Title {letter}", f"Text {letter}.") for letter in "abcd")


def view_set(*counts: int) -> ViewSet:
    """A set of as many texts as counts, each with so many views."""
    texts = (A, B, C, D)[: len(counts)]
    views = tuple(
        WrittenView(text.docid, f"{text.docid} {number}", "exclusion", f"lever {number}")
        for text, count in zip(texts, counts, strict=True)
        for number in range(count)
    )
    return ViewSet("q", "a query", texts, views, source="own", license="mit", domain="field")


def played(item: Any) -> list[ViewPair]:
    writer = ReplayWriter()
    outcomes = [*(writer.write(item) if writer.accepts(item) else ()), *writer.write_beside(item)]
    assert all(isinstance(outcome, ViewPair) for outcome in outcomes)
    return [outcome for outcome in outcomes if isinstance(outcome, ViewPair)]


def test_a_round_has_an_original_and_reversals_over_all_texts() -> None:
    pairs = played(view_set(2, 2, 2))
    assert [(pair.set_id, pair.instruction, pair.reversed_instruction) for pair in pairs] == [
        ("q/0", "a 0", "b 0"),
        ("q/0", "a 0", "c 0"),
        ("q/1", "b 1", "a 1"),
        ("q/1", "b 1", "c 1"),
    ]
    first = pairs[0]
    assert (first.positive, first.reversed_positive, first.other_instruction_negatives) == (A, B, (C,))
    assert (first.query_id, first.source, first.license, first.domain) == ("q", "own", "mit", "field")
    assert (first.kind, first.reversed_kind, first.original_lever, first.lever) == (
        "exclusion",
        "exclusion",
        "lever 0",
        "lever 0",
    )
    assert first.style == "written exclusion" and first.by_hand and first.answers == (A, B, C)


@given(st.lists(st.integers(0, 5), min_size=2, max_size=4).filter(lambda counts: sum(map(bool, counts)) > 1))
def test_no_view_is_lost_and_every_round_is_whole(counts: list[int]) -> None:
    item = view_set(*counts)
    rounds = defaultdict(set)
    for pair in played(item):
        for instruction, target in (
            (pair.instruction, pair.positive),
            (pair.reversed_instruction, pair.reversed_positive),
        ):
            assert instruction.split()[0] == target.docid
            rounds[pair.set_id].add((instruction, target.docid))
        docids = {pair.positive.docid, pair.reversed_positive.docid}
        docids |= {passage.docid for passage in pair.other_instruction_negatives}
        assert docids == {passage.docid for passage in item.passages}
    assert len(rounds) == max(counts)
    assert {view for views in rounds.values() for view in views} == {
        (view.instruction, view.target) for view in item.views
    }
    asked = Counter(bool(count) for count in counts)[True]
    assert {len(views) for views in rounds.values()} == {asked}


def test_the_originals_take_turns() -> None:
    originals = {pair.set_id: pair.positive.docid for pair in played(view_set(4, 4, 4))}
    assert list(originals.values()) == ["a", "b", "c", "a"]


def test_the_views_of_a_candidate_set_come_beside_its_reversals(candidate_set: Make) -> None:
    found = candidate_set()
    views = tuple(WrittenView(passage.docid, f"about {passage.docid}") for passage in found.answers)
    pairs = played(replace(found, views=views))
    assert [pair.source for pair in pairs] == ["own", "own", "own-views", "own-views"]
    assert [pair.set_id for pair in pairs[2:]] == ["set-1/views/0"] * 2
    assert all(pair.query_id == found.query_id and pair.kind == "" for pair in pairs)
    assert pairs[2].hard_negatives == found.hard_negatives and pairs[2].style == "written"


def test_a_topic_is_left_to_the_other_writer_and_its_views_are_played() -> None:
    topic = AttributedTopic(
        "t", "query", (A, B), ({"x": "1"}, {"x": "2"}), views=(WrittenView("a", "A"), WrittenView("b", "B"))
    )
    writer = ReplayWriter()
    assert not writer.accepts(topic)
    (pair,) = writer.write_beside(topic)
    assert isinstance(pair, ViewPair) and (pair.positive, pair.reversed_positive) == (A, B)


def test_what_another_split_has_taken_is_rejected_with_the_reason(candidate_set: Make) -> None:
    (only,) = ReplayWriter().write_beside(view_set(1, 1).without({B}))
    assert isinstance(only, Rejection) and only.reason == "no_opposite" and only.instruction == "a 0"
    found = candidate_set()
    left = replace(
        found, views=tuple(WrittenView(passage.docid, passage.docid) for passage in found.answers)
    ).without({found.instruction_negatives[0]})
    gone, pair = ReplayWriter().write_beside(left)
    assert isinstance(gone, Rejection) and gone.reason == "target_left_out"
    assert isinstance(pair, ViewPair)
