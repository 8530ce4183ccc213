"""Rules and judges between writing and publishing, and the counts of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from dualview.dataset_builder.build.stages import CheckedItem, check_items, judge_items
from dualview.dataset_builder.build.statistics import Statistics
from dualview.dataset_builder.build.writing import WrittenItem, write_items
from dualview.dataset_builder.event_loop import Waiting
from dualview.dataset_builder.judges.judge_protocol import Judgement
from dualview.dataset_builder.output.rows import plain_row, rejected_row, triplet_rows
from dualview.dataset_builder.schema import AttributedTopic, Passage, PlainQuery, Rejection, ViewPair
from dualview.dataset_builder.splits.plan import PlacedItem
from dualview.dataset_builder.writers.replay import ReplayWriter

Make = Callable[..., Any]


def check(item: PlacedItem, *outcomes: Any) -> CheckedItem:
    (checked,) = check_items([WrittenItem(item, outcomes)])
    return checked


def pairs_of(item: CheckedItem) -> list[ViewPair]:
    return [pair for pair, _ in item.accepted]


@pytest.fixture
def placed(candidate_set: Make) -> PlacedItem:
    return PlacedItem("train", candidate_set())


def test_what_was_written_is_accepted_or_says_why_not(placed: PlacedItem, view_pair: Make) -> None:
    good, long = view_pair(), view_pair(reversed_instruction="One. Two. Three.")
    refused = Rejection("q", "s", "query", "endpoint", "declined")
    checked = check(placed, good, long, refused)
    assert pairs_of(checked) == [good]
    assert [(it.reason, it.reversed_instruction) for it in checked.rejected] == [
        ("too_many_sentences", "One. Two. Three."),
        ("declined", None),
    ]


def test_one_instruction_cannot_make_two_passages_the_only_one(placed: PlacedItem, view_pair: Make) -> None:
    first = view_pair()
    other = Passage("c", "", "Tins are opened and warmed, and that is all there is to it.")
    same_words = replace(first, reversed_positive=other)
    checked = check(placed, first, same_words, first)
    assert pairs_of(checked) == [first]
    assert [it.reason for it in checked.rejected] == [
        "contradicts_another_reversal",
        "repeats_another_reversal",
    ]
    # Another set may say the same of its own passages.
    assert len(pairs_of(check(placed, first, replace(same_words, set_id="set-2")))) == 2


def test_a_reversal_that_is_the_original_of_another_view_contradicts(
    placed: PlacedItem, view_pair: Make
) -> None:
    first = view_pair()
    turned = replace(first, instruction="Anything at all.", reversed_instruction=first.instruction)
    assert [it.reason for it in check(placed, first, turned).rejected] == ["contradicts_another_reversal"]


def test_originals_are_checked_where_the_source_brought_none(view_pair: Make) -> None:
    pair = view_pair(instruction="One. Two. Three.")
    topic = AttributedTopic("q", "query", (pair.positive, pair.reversed_positive), ({"a": "1"}, {"a": "2"}))
    assert [it.reason for it in check(PlacedItem("train", topic), pair).rejected] == ["too_many_sentences"]


def test_a_lost_paraphrase_is_counted(placed: PlacedItem, view_pair: Make) -> None:
    checked = check(placed, view_pair(paraphrased_instruction="One. Two. Three."))
    assert checked.lost_paraphrases == ["too_many_sentences"]
    assert pairs_of(checked)[0].paraphrased_instruction is None


class RecordingJudge:
    """Refuses reversals that speak of Mondays, and finds one hard negative relevant."""

    name = "recording"

    def __init__(self) -> None:
        self.asked: list[int] = []

    def judge(self, pairs: Sequence[ViewPair]) -> list[Judgement]:
        self.asked.append(len(pairs))
        return [
            Judgement(
                "Monday" not in pair.reversed_instruction, self.name, (1, 0), (0, 1), "too_broad", "p", ()
            )
            for pair in pairs
        ]


def test_a_judge_is_asked_for_many_items_at_once(placed: PlacedItem, view_pair: Make) -> None:
    good, bad = view_pair(), view_pair(reversed_instruction="Only what is done on a Monday.")
    checked = [CheckedItem(placed, ((good, None), (bad, None)), ()) for _ in range(40)]
    judge = RecordingJudge()
    with Waiting() as waiting:
        judged = list(judge_items(checked, judge, waiting))
    assert judge.asked == [64, 16] and len(judged) == 40
    for item in judged:
        ((pair, judgement),) = item.accepted
        assert pair == replace(good, hard_negatives=())
        assert judgement is not None and judgement.as_dict()["p_reversed"] == [0, 1]
        assert [(it.reason, it.detail) for it in item.rejected] == [("too_broad", "p")]


def test_items_that_repeat_or_cannot_be_asked_need_no_writer(candidate_set: Make) -> None:
    items = [
        PlacedItem("train", candidate_set(1)),
        PlacedItem("train", candidate_set(2), repeated=True),
        PlacedItem("test", PlainQuery("q", "query", ())),
    ]
    with Waiting() as waiting:
        written, repeated, plain = write_items(items, [ReplayWriter()], waiting)
    assert len(written.outcomes) == 2 and plain.outcomes == []
    (rejection,) = repeated.outcomes
    assert isinstance(rejection, Rejection) and rejection.reason == "repeated"


def test_the_writer_is_asked_for_one_item_at_a_time(candidate_set: Make) -> None:
    taken: list[int] = []

    def items() -> Iterator[PlacedItem]:
        for number in range(5):
            taken.append(number)
            yield PlacedItem("train", candidate_set(number))

    with Waiting() as waiting:
        next(write_items(items(), [ReplayWriter()], waiting))
    assert taken == [0]


def test_statistics_count_what_became_of_everything(candidate_set: Make, view_pair: Make) -> None:
    statistics = Statistics()
    pair = view_pair(domain="cooking", instruction="one two three", reversed_instruction="four")
    rejected = [
        Rejection("q", "s", "query", "replay", reason) for reason in ("too_long", "empty", "too_long")
    ]
    train = PlacedItem("train", candidate_set(1), left_out=3)
    statistics.add(CheckedItem(train, ((pair, None), (replace(pair, lever=""), None)), rejected, ["empty"]))
    statistics.add(CheckedItem(PlacedItem("test", candidate_set(2)), (), ()))
    assert statistics.yields() == {"read": 2, "written": 5, "accepted": 2, "rejected": 3}
    counts = statistics.as_dict({}, {})
    assert counts["items_by_source"] == {"own": {"train": 1, "test": 1}}
    assert counts["pairs_by_source"] == {"own": {"train": 2}}
    assert list(counts["rejected_by_reason"].items()) == [("too_long", 2), ("empty", 1)]
    assert counts["rejected_by_writer"] == {"replay": {"too_long": 2, "empty": 1}}
    assert counts["paraphrases_left_out_by_reason"] == {"empty": 1}
    assert counts["passages_left_out_because_another_split_has_them"] == 3
    assert counts["levers"] == {"not named": 1, "time": 1} and counts["domains"] == {"cooking": 2}
    assert counts["mean_words"]["instruction"] == 3 and counts["mean_words"]["reversed_instruction"] == 1


def test_triplets_are_both_views(view_pair: Make) -> None:
    pair = view_pair()
    stove, pot = f"On the stove\n{pair.positive.text}", pair.reversed_positive.text
    assert list(triplet_rows(pair)) == [
        {"anchor": f"{pair.query} {pair.instruction}", "positive": stove, "negative": pot},
        {"anchor": f"{pair.query} {pair.reversed_instruction}", "positive": pot, "negative": stove},
    ]


def test_plain_rows_know_the_bare_query(candidate_set: Make, view_pair: Make) -> None:
    found = candidate_set(hard_negatives=(Passage("h", "", "Not beans."),))
    without = plain_row(found, [])
    assert [it["docid"] for it in without["positives"]] == ["set-1-0", "set-1-1", "set-1-2"]
    assert [it["docid"] for it in without["hard_negatives"]] == ["h"]
    # A judge may have left a hard negative out.
    pair = view_pair(hard_negatives=())
    assert plain_row(found, [pair])["hard_negatives"] == []
    passages = (Passage("a", "", "x"), Passage("b", "", "y"))
    topic = AttributedTopic("q", "query", passages, ({"a": "1"}, {"a": "2"}))
    assert plain_row(topic, [])["positives"] == [it.as_dict() for it in passages]


def test_a_rejected_text_that_no_file_can_hold_is_made_writable(view_pair: Make) -> None:
    row = rejected_row(
        Rejection("q", "s", "query", "endpoint", "unwritable_character", "U+D83D", None, "half \ud83d and \0")
    )
    assert row["reversed_instruction"] == "half ? and ?" and row["positive"] is None
