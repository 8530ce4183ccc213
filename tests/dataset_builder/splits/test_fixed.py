"""Items that name their split: it holds whatever the seed and the shares, and others are dealt as before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.dataset_builder.schema import SPLITS, Passage, SourceItem, ViewSet, WrittenView
from dualview.dataset_builder.splits.plan import PlacedItem, SplitShares, plan_splits

Make = Callable[..., Any]


def placed(items: list[Any], shares: SplitShares | None = None, seed: int = 1) -> list[PlacedItem]:
    return list(plan_splits(items, shares or SplitShares(), seed).place(items))


def view_set(number: int, split: str | None, query: str = "", shared: int | None = None) -> ViewSet:
    texts = [Passage(f"v{number}-{place}", "", f"text {place} of set {number}") for place in range(3)]
    if shared is not None:
        texts[2] = Passage(f"shared-{shared}", "", f"shared text {shared}")
    views = tuple(WrittenView(text.docid, f"view of {text.docid}") for text in texts)
    return ViewSet(f"v{number}", query or f"written query {number}", tuple(texts), views, split, source="own")


@given(
    st.lists(st.tuples(st.sampled_from([*SPLITS, None]), st.integers(0, 6)), min_size=1, max_size=40),
    st.integers(0, 3),
    st.sampled_from([(0.25, 0.1), (0.0, 0.0), (0.9, 0.05)]),
)
def test_a_named_split_holds_and_nothing_crosses(
    made: list[tuple[str | None, int]], seed: int, shares: tuple[float, float]
) -> None:
    items: list[SourceItem] = [view_set(n, split, shared=shared) for n, (split, shared) in enumerate(made)]
    found = placed(list(items), SplitShares(*shares), seed)
    where: dict[str, set[str]] = {}
    for item, after in zip(items, found, strict=True):
        assert item.split in (None, after.split)
        for passage in after.item.answers:
            where.setdefault(passage.text, set()).add(after.split)
    assert all(len(splits) == 1 for splits in where.values())


@pytest.mark.parametrize("seed", [0, 1, 5])
def test_the_others_are_dealt_as_without_them(candidate_set: Make, seed: int) -> None:
    dealt = [candidate_set(number, domain=f"domain {number % 3}") for number in range(90)]
    before = [it.split for it in placed(dealt, seed=seed)]
    fixed = [view_set(number, SPLITS[number % 3]) for number in range(200)]
    # Some ask the query of a dealt item, in the split that it has anyway.
    meeting = [
        view_set(500 + number, before[number], query=dealt[number].query.upper()) for number in range(12)
    ]
    after = placed([*dealt, *fixed, *meeting], seed=seed)
    assert [it.split for it in after[:90]] == before
    assert [it.split for it in after[90:]] == [it.split for it in (*fixed, *meeting)]


def test_an_item_with_the_same_query_goes_along(candidate_set: Make) -> None:
    dealt = [candidate_set(number) for number in range(20)]
    before = [it.split for it in placed(dealt)]
    place = before.index("train")
    after = placed([*dealt, view_set(1, "test", query=dealt[place].query)])
    assert after[place].split == "test"
    assert sum(it.split == "test" for it in after[:20]) == before.count("test")


def test_one_query_cannot_have_two_splits(candidate_set: Make) -> None:
    sets = [candidate_set(1), view_set(1, "train", query="same"), view_set(2, "test", query=" SAME ")]
    with pytest.raises(InputError, match=r"items 2 and 3 of the sources.*give them one 'split'"):
        placed(sets)
    assert [it.split for it in placed([sets[0], sets[1], replace(sets[2], split="train")])][1:] == [
        "train"
    ] * 2
