"""The mixtures: which views go in, at which budget."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.trainer.data.candidate_rows import ROW_FEATURES
from dualview.trainer.data.mixtures import MIXTURES, mix
from dualview.trainer.data.weights import check_sources, parse_weighted, repeat_rows, share_budget


@pytest.fixture(scope="module")
def published(rows: list[dict[str, Any]]) -> Dataset:
    """40 candidate sets in 80 rows; the last four rows have no paraphrase."""
    return Dataset.from_list([*rows[:-4], *({**row, "paraphrased_instruction": None} for row in rows[-4:])])


def asked(row: dict[str, Any]) -> list[str]:
    """The kinds of a row's views, told by their instruction."""
    return ["bare" if not text else "instructed" for text in row["instructions"]]


@pytest.mark.parametrize("name", list(MIXTURES))
def test_a_budget_is_filled_with_whole_sets(published: Dataset, name: str) -> None:
    mixed, counts = mix(published, name, budget=36)
    views = sum(map(len, mixed["instructions"])) + sum(mixed["neutral"])
    assert views == counts["samples"] == 36
    assert len(mixed) == counts["candidate sets"] == 36 // MIXTURES[name].samples


def test_ins_orig_holds_the_original_view_alone(published: Dataset) -> None:
    mixed, counts = mix(published, "ins-orig", budget=40)
    originals = set(published["instruction"])
    assert all(len(row["instructions"]) == 1 and row["instructions"][0] in originals for row in mixed)
    assert counts["original views"] == 40 and "reversed views" not in counts


def test_ins_dv_holds_both_views_of_each_set(published: Dataset) -> None:
    mixed, counts = mix(published, "ins-dv", budget=40)
    reversals = dict(zip(published["reversed_instruction"], published["reversed_positive"], strict=True))
    for row in mixed:
        original, reversal = row["instructions"]
        assert original in set(published["instruction"])
        wanted = reversals[reversal]
        assert row["passages"][row["relevant"][1][0]] == f"{wanted['title']}\n{wanted['text']}"
        # What one view wants is the other one's negative.
        assert row["relevant"][0][0] in row["negative"][1] and row["relevant"][1][0] in row["negative"][0]
    assert counts["original views"] == counts["reversed views"] == 20


def test_the_passages_of_a_set_are_the_same_in_every_mixture(published: Dataset) -> None:
    by_mixture = {
        name: mix(published, name, budget=0)[0] for name in ("ins-orig", "ins-dv", "tri-view", "all-orig")
    }
    sets = {
        name: {row["query_id"]: frozenset(row["passages"] + row["hard_negatives"]) for row in mixed}
        for name, mixed in by_mixture.items()
    }
    assert sets["ins-orig"] == sets["ins-dv"] == sets["tri-view"] == sets["all-orig"]


def test_all_orig_asks_the_bare_query_for_its_one_positive(published: Dataset) -> None:
    mixed, _ = mix(published, "all-orig", budget=20)
    for row in mixed:
        assert asked(row) == ["instructed", "bare"]
        assert row["relevant"][0] == row["relevant"][1]
        assert row["negative"][1] == []  # the other passages may answer the query too
        assert not row["neutral"]


def test_the_paraphrase_control_keeps_the_labels(published: Dataset) -> None:
    mixed, counts = mix(published, "paraphrase-control", budget=20)
    for row in mixed:
        assert row["instructions"][1] in set(published["paraphrased_instruction"])
        assert row["relevant"][0] == row["relevant"][1] and row["negative"][0] == row["negative"][1]
    assert counts["paraphrase views"] == 10


@pytest.mark.parametrize(
    ("name", "budget", "message"),
    [
        (
            "ins-orig",
            41,
            "needs 41 candidate sets; the dataset has 40 in its train split, enough for 40 samples",
        ),
        ("ins-dv", 90, "needs 45 candidate sets; the dataset has 40"),
        ("paraphrase-control", 80, "needs 40 candidate sets with a paraphrase; the dataset has 38"),
        ("tri-view", 2, "needs at least 3"),
    ],
)
def test_a_budget_that_cannot_be_filled_says_what_there_is(
    published: Dataset, name: str, budget: int, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        mix(published, name, budget)


def test_no_budget_takes_all(published: Dataset) -> None:
    assert mix(published, "tri-view", 0)[1]["samples"] == 120


@settings(max_examples=8)
@given(seed=st.integers(0, 3), order=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(published: Dataset, seed: int, order: random.Random) -> None:
    places = list(range(len(published)))
    order.shuffle(places)
    straight, _ = mix(published, "ins-dv", 20, seed)
    shuffled, _ = mix(published.select(places), "ins-dv", 20, seed)
    assert sorted(map(str, straight)) == sorted(map(str, shuffled))


def test_a_smaller_budget_takes_some_of_a_larger_ones_sets_and_another_seed_others(
    published: Dataset,
) -> None:
    small, large = (set(mix(published, "ins-orig", budget)[0]["query_id"]) for budget in (10, 20))
    other = set(mix(published, "ins-orig", 10, seed=1)[0]["query_id"])
    assert small < large
    assert other != small


@pytest.fixture(scope="module")
def shared_queries(published: Dataset) -> Dataset:
    """The same sets, four of each query."""
    ids = [f"q{place // 8}" for place in range(len(published))]
    return published.remove_columns("query_id").add_column("query_id", ids)


def test_sets_of_a_query_share_a_row_and_are_counted_all_the_same(shared_queries: Dataset) -> None:
    apart, counts_apart = mix(shared_queries, "ins-dv", 32)
    joined, counts = mix(shared_queries, "ins-dv", 32, pairs_per_row=20)
    assert counts == counts_apart == {**counts, "candidate sets": 16, "queries": 4, "samples": 32}
    assert (len(apart), len(joined)) == (16, 4)
    assert {text for row in joined for text in row["instructions"]} == {
        text for row in apart for text in row["instructions"]
    }


def test_a_budget_takes_whole_queries_and_counts_bare_queries_once_a_row(shared_queries: Dataset) -> None:
    joined, counts = mix(shared_queries, "tri-view", 30, pairs_per_row=20)
    assert counts["queries"] == counts["neutral views"] == 3
    assert counts["samples"] == 3 * (4 * 2 + 1)  # a fourth query does not fit
    assert len(joined) == 3
    with pytest.raises(InputError, match="first query alone has more samples"):
        mix(shared_queries, "tri-view", 8, pairs_per_row=20)


@pytest.mark.parametrize(("share", "originals", "reversals"), [(0.0, 40, 0), (1.0, 0, 40)])
def test_a_share_of_reversed_views_of_nothing_or_all(
    published: Dataset, share: float, originals: int, reversals: int
) -> None:
    mixed, counts = mix(published, "ins-dv", 0, reversed_share=share)
    assert (counts["original views"], counts["reversed views"]) == (originals, reversals)
    assert counts["samples"] == 40 == sum(map(len, mixed["instructions"]))


def test_a_quarter_of_reversed_views_is_about_a_quarter(published: Dataset) -> None:
    _, counts = mix(published, "ins-dv", 0, reversed_share=0.25)
    assert counts["original views"] == 40
    assert 5 <= counts["reversed views"] <= 22  # 40 sets, a third of them drawn
    assert mix(published, "ins-dv", 0, reversed_share=0.25)[1] == counts


def test_weights_repeat_rows_by_source() -> None:
    values: dict[str, list[Any]] = {name: [None] * 300 for name in ROW_FEATURES}
    values |= {"source": ["a"] * 200 + ["b"] * 100, "query_id": [f"q{i}" for i in range(300)]}
    rows = Dataset.from_dict(values, features=ROW_FEATURES)
    repeated = repeat_rows(rows, {"a": 2.0, "b": 0.5})
    assert list(repeated["source"]).count("a") == 400
    assert 30 < list(repeated["source"]).count("b") < 70
    assert list(repeat_rows(rows, {"a": 0.0})["source"]) == ["b"] * 100
    with pytest.raises(InputError, match="no rows of source 'c'; there are a, b"):
        check_sources({"a": 2.0, "c": 1.0}, [rows.select(range(200)), rows.select(range(200, 300))])
    with pytest.raises(InputError, match="no rows to train on"):
        repeat_rows(rows, {"a": 0.0, "b": 0.0})


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("org/data", ("org/data", 1.0)), ("./x=2", ("./x", 2.0)), ("a=b=0.5", ("a=b", 0.5))],
)
def test_a_dataset_may_have_a_weight(name: str, wanted: tuple[str, float]) -> None:
    assert parse_weighted(name) == wanted


def test_a_folder_with_an_equals_sign_has_no_weight(tmp_path: Path) -> None:
    folder = tmp_path / "run=3"
    folder.mkdir()
    assert parse_weighted(str(folder)) == (str(folder), 1.0)


@pytest.mark.parametrize("name", ["x=heavy", "x=0", "x=-1", "x=inf", "x=nan"])
def test_a_weight_is_a_positive_number(name: str) -> None:
    with pytest.raises(InputError, match="weight"):
        parse_weighted(name)


@given(budget=st.integers(1, 10**6), weights=st.lists(st.floats(0.01, 100), min_size=1, max_size=5))
def test_a_budget_is_shared_out_to_the_last_sample(budget: int, weights: list[float]) -> None:
    shares = share_budget(budget, weights)
    assert sum(shares) == budget
    assert all(
        abs(share - budget * w / sum(weights)) < len(weights) + 1
        for share, w in zip(shares, weights, strict=True)
    )
