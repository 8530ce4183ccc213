"""Splits: no query and no passage crosses one, the shares hold, and the same input gives the same plan."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.dataset_builder.schema import (
    AnswerSet,
    AttributedTopic,
    CandidateSet,
    Passage,
    PlainQuery,
    SourceItem,
)
from dualview.dataset_builder.splits.components import LARGEST_JOINED, NOT_FIXED, TextUses, find_components
from dualview.dataset_builder.splits.plan import PlacedItem, SplitShares, plan_splits
from dualview.dataset_builder.text_keys import text_key

Make = Callable[..., Any]


def placed(items: Sequence[SourceItem], shares: SplitShares | None = None, seed: int = 1) -> list[PlacedItem]:
    return list(plan_splits(items, shares or SplitShares(), seed).place(items))


def passages_of(item: SourceItem) -> tuple[Passage, ...]:
    if isinstance(item, AttributedTopic):
        return item.passages
    if isinstance(item, CandidateSet):
        return (item.positive, *item.instruction_negatives, *item.hard_negatives)
    if isinstance(item, AnswerSet):
        return (*item.answers, *item.candidates, *item.hard_negatives)
    return (*item.answers, *item.hard_negatives)


def crossing(found: Sequence[PlacedItem]) -> set[str]:
    """Texts that are in two splits, found without the code under test."""
    splits = defaultdict(set)
    for it in found:
        for text in (it.item.query, *(passage.text for passage in passages_of(it.item))):
            splits[text_key(text)].add(it.split)
    return {text for text, where in splits.items() if len(where) > 1}


def passage(number: int) -> Passage:
    return Passage(f"p{number}", "", f"Passage {number}.")


numbers = st.integers(0, 30)
lists = st.lists(numbers, max_size=3).map(lambda found: tuple(map(passage, found)))


@st.composite
def items(draw: st.DrawFn) -> list[SourceItem]:
    """Items whose queries and passages meet often."""
    found: list[SourceItem] = []
    for number in range(draw(st.integers(1, 25))):
        query = f"Query {draw(st.integers(0, 40))}" + draw(st.sampled_from(["", " ", "\n"]))
        kind = draw(st.integers(0, 3))
        positive, others, hard = passage(draw(numbers)), draw(lists), draw(lists)
        if kind == 0:
            found.append(CandidateSet(f"s{number}", f"q{number}", query, "Only x.", positive, others, hard))
        elif kind == 1:
            found.append(
                AttributedTopic(f"q{number}", query, (positive, *others), ({"a": "b"},) * (1 + len(others)))
            )
        elif kind == 2:
            found.append(AnswerSet(f"s{number}", f"q{number}", query, (positive,), others, hard))
        else:
            found.append(PlainQuery(f"q{number}", query, (positive,), hard))
    return found


@given(items(), st.integers(0, 3))
def test_no_query_and_no_passage_crosses_a_split(found: list[SourceItem], seed: int) -> None:
    result = placed(found, seed=seed)
    assert len(result) == len(found)
    assert crossing(result) == set()
    counts = Counter(it.split for it in result)
    assert counts["test"] <= max(1, int(len(found) * 0.25 + 0.5))  # what is too large for it is trained on
    assert counts["validation"] <= max(1, int(len(found) * 0.1 + 0.5))
    for before, after in zip(found, result, strict=True):
        assert after.left_out == len(passages_of(before)) - len(passages_of(after.item))
        assert set(passages_of(after.item)) <= set(passages_of(before))
        if isinstance(after.item, CandidateSet):
            assert isinstance(before, CandidateSet) and after.item.positive == before.positive
        if isinstance(after.item, AttributedTopic):
            assert len(after.item.passages) == len(after.item.attributes)


@given(items(), st.integers(0, 3))
def test_the_same_items_give_the_same_plan(found: list[SourceItem], seed: int) -> None:
    assert placed(found, seed=seed) == placed(found, seed=seed)


@given(items())
@settings(max_examples=50)
def test_small_corpora_keep_all_passages(found: list[SourceItem]) -> None:
    # Below LARGEST_JOINED items, everything that shares a text stays together.
    assert all(it.left_out == 0 for it in placed(found))


@pytest.mark.parametrize("count", [3, 4, 7, 40, 450])
def test_the_shares_hold_also_for_few(candidate_set: Make, count: int) -> None:
    found = Counter(it.split for it in placed([candidate_set(number) for number in range(count)]))
    assert found["test"] == max(1, int(count * 0.25 + 0.5))
    assert found["validation"] == max(1, int(count * 0.1 + 0.5))
    assert found["train"] == count - found["test"] - found["validation"]


def test_each_source_and_domain_has_its_share(candidate_set: Make) -> None:
    made = [
        candidate_set(number, source=f"source {number % 2}", domain=f"domain {number % 5}")
        for number in range(400)
    ]
    tested = Counter((it.item.source, it.item.domain) for it in placed(made) if it.split == "test")
    assert len(tested) == 10 and set(tested.values()) == {10}


def test_no_share_no_split(candidate_set: Make) -> None:
    made = [candidate_set(number) for number in range(20)]
    assert {it.split for it in placed(made, SplitShares(0.0, 0.0))} == {"train"}
    assert {it.split for it in placed(made, SplitShares(0.5, 0.0))} == {"train", "test"}


@pytest.mark.parametrize("shares", [(-0.1, 0.1), (0.5, 0.5), (1.0, 0.0), (float("nan"), 0.1)])
def test_shares_that_leave_nothing_to_train_on_are_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="--test-share"):
        SplitShares(*shares)


def test_the_seed_draws_other_splits(candidate_set: Make) -> None:
    made = [candidate_set(number) for number in range(100)]
    first, second = ([it.split for it in placed(made, seed=seed)] for seed in (1, 2))
    assert first != second and Counter(first) == Counter(second)


def test_a_set_keeps_its_split_when_the_order_changes(candidate_set: Make) -> None:
    made = [candidate_set(number) for number in range(100)]
    forward = {it.item.query_id: it.split for it in placed(made)}
    backward = {it.item.query_id: it.split for it in placed(made[::-1])}
    assert forward == backward


def test_a_popular_negative_joins_no_giant_and_crosses_no_split(candidate_set: Make) -> None:
    popular, count = Passage("p", "", "Everybody's negative."), 20 * LARGEST_JOINED
    made = [candidate_set(number, hard_negatives=(popular,)) for number in range(count)]
    result = placed(made)
    found = Counter(it.split for it in result)
    assert found["test"] == count / 4 and found["validation"] == count / 10
    assert crossing(result) == set()
    kept = Counter(it.split for it in result if popular in it.item.hard_negatives)
    (owner,) = kept
    assert kept[owner] == found[owner] and sum(it.left_out for it in result) == count - found[owner]


def test_a_positive_stays_with_its_sets_however_many(candidate_set: Make) -> None:
    shared, count = Passage("p", "", "Everybody's answer."), 4 * LARGEST_JOINED
    made = [candidate_set(number, positive=shared) for number in range(count)]
    made += [candidate_set(count + number) for number in range(count)]
    result = placed(made)
    assert len({it.split for it in result[:count]}) == 1
    assert crossing(result) == set() and all(it.left_out == 0 for it in result)


def test_a_passage_that_is_a_positive_somewhere_is_kept_there(candidate_set: Make) -> None:
    # It is a negative of more sets than may be joined, and the positive of one.
    wanted, count = Passage("p", "", "Wanted once."), 20 * LARGEST_JOINED
    made = [candidate_set(number, hard_negatives=(wanted,)) for number in range(count)]
    made.append(candidate_set(count, positive=wanted))
    result = placed(made)
    assert crossing(result) == set()
    assert result[-1].item.positive == wanted


def test_an_item_that_says_the_same_is_marked(candidate_set: Make) -> None:
    first = candidate_set(1)
    again = replace(first, set_id="another id")
    other = replace(first, instruction="Another instruction over the same passages.")
    assert [it.repeated for it in placed([first, again, other])] == [False, True, False]


def test_sources_that_change_under_the_build_are_noticed(candidate_set: Make) -> None:
    made = [candidate_set(number) for number in range(5)]
    plan = plan_splits(made, SplitShares(), 1)
    for changed in (made[:-1], made[::-1], [*made[:4], candidate_set(9)]):
        with pytest.raises(InputError, match="do not change them during a build"):
            list(plan.place(changed))


def test_no_item_is_an_error() -> None:
    with pytest.raises(InputError, match="no candidate set and no topic"):
        plan_splits([], SplitShares(), 1)


edges = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20)


@given(edges)
def test_components_are_those_of_the_graph(found: list[tuple[int, int]]) -> None:
    uses = TextUses()
    for item in range(13):
        uses.add(item, [1000 + item], ())
    for text, (left, right) in enumerate(found):
        uses.add(left, (), [text])
        uses.add(right, (), [text])
    components = find_components(13, uses.shared(), np.full(13, NOT_FIXED, dtype=np.int8))
    reached = list(range(13))
    for _ in range(13):
        for left, right in found:
            reached[left] = reached[right] = min(reached[left], reached[right])
    assert np.array_equal(components, reached)
