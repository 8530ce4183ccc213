"""Items: the same questions answered by all four kinds, and pairs and rejections made from them."""

from __future__ import annotations

import pytest

from dualview.dataset_builder.schema import (
    AnswerSet,
    AttributedTopic,
    CandidateSet,
    Passage,
    PlainQuery,
    RecordedReversal,
    Rejection,
    SourceItem,
    ViewPair,
    Writer,
)

A, B, C, D = (Passage(name, "", f"text {name}") for name in "abcd")
SET = CandidateSet(
    "set",
    "query",
    "a query",
    "an instruction",
    A,
    (B, C),
    (D,),
    style="plain",
    domain="home",
    source="own",
    license="mit",
    recorded=(RecordedReversal("b", "time", "a reversal"),),
)
TOPIC = AttributedTopic("query", "a query", (A, B, C), ({"form": "list"}, {"form": "prose"}, {}))
ANSWERS = AnswerSet("set", "query", "a query", (A,), (B, C), (D,))
PLAIN = PlainQuery("query", "a query", (A, B), (C, D))


@pytest.mark.parametrize(
    ("item", "fixed", "removable", "answers"),
    [
        (SET, (A,), (B, C, D), (A, B, C)),
        (TOPIC, (), (A, B, C), (A, B, C)),
        (ANSWERS, (A,), (B, C, D), (A,)),
        (PLAIN, (A, B), (C, D), (A, B)),
    ],
)
def test_passages_are_fixed_or_removable(
    item: SourceItem, fixed: tuple[Passage, ...], removable: tuple[Passage, ...], answers: tuple[Passage, ...]
) -> None:
    assert item.fixed_passages() == fixed and item.removable_passages() == removable
    assert item.all_passages() == fixed + removable
    assert item.answers == answers
    # An item keeps what is fixed, and everything that is not taken, in its order.
    assert item.without({A, C}).all_passages() == tuple(
        passage for passage in fixed + removable if passage in fixed or passage not in (A, C)
    )
    assert item.without(()) == item


def test_attributes_leave_with_their_passages() -> None:
    assert TOPIC.without({B}).attributes == ({"form": "list"}, {})


def test_only_a_candidate_set_brings_instructions() -> None:
    assert SET.recorded_texts() == ("an instruction", "a reversal")
    for item in (TOPIC, ANSWERS, PLAIN):
        assert (item.instruction, item.positive, item.recorded_texts()) == (None, None, ())
    assert (TOPIC.set_id, PLAIN.set_id) == ("query", "query")
    assert (TOPIC.hard_negatives, PLAIN.domain) == ((), None)


def test_a_pair_takes_from_its_set_all_that_the_set_states() -> None:
    pair = ViewPair.of_set(SET, B, "a reversal", writer=Writer("replay"), others=(C,), lever="time")
    assert (pair.positive, pair.reversed_positive) == (A, B)
    assert (pair.instruction, pair.reversed_instruction) == ("an instruction", "a reversal")
    assert pair.other_instruction_negatives == (C,) and pair.hard_negatives == (D,)
    assert pair.answers == (A, B, C)
    assert (pair.style, pair.lever, pair.domain, pair.source, pair.license) == (
        "plain",
        "time",
        "home",
        "own",
        "mit",
    )


def test_a_rejection_names_its_pair_or_its_item() -> None:
    pair = ViewPair.of_set(SET, B, "a reversal", writer=Writer("replay"), others=())
    rejected = Rejection.of(pair, "too_long", "has 90 words")
    assert (rejected.set_id, rejected.writer_kind, rejected.reason) == ("set", "replay", "too_long")
    assert (rejected.positive, rejected.reversed_positive) == (A, B)
    repeated = Rejection.of_item(SET, "repeated", "again")
    assert (repeated.instruction, repeated.positive, repeated.writer_kind) == ("an instruction", A, "")
    assert Rejection.of_item(TOPIC, "repeated", "again").set_id == "query"
