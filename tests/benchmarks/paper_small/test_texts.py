"""The experiment's text: what is left out because it is evaluated on, and which pairs are kept."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.paper_small.decontaminate import EvaluationTexts, drop_contaminated, words_of
from benchmarks.paper_small.one_way import one_way

SENTENCE = "The spleen stores blood and filters it, and one can live without it if one must be careful."


def row(
    positive: str, reversed_positive: str, query: str = "spleen", others: tuple[str, ...] = ()
) -> dict[str, Any]:
    def passage(text: str) -> dict[str, str]:
        return {"docid": text, "title": "", "text": text}

    return {
        "query_id": query,
        "query": query,
        "positive": passage(positive),
        "reversed_positive": passage(reversed_positive),
        "other_instruction_negatives": [passage(text) for text in others],
        "hard_negatives": [],
    }


def test_the_same_text_in_other_letters_is_dropped() -> None:
    evaluated = EvaluationTexts()
    evaluated.add("What is a Spleen?")
    kept, dropped = drop_contaminated([row("a", "b"), row("a", "b", query="what is a spleen")], evaluated)
    assert [one["query"] for one in kept] == ["spleen"]
    assert dropped == {"same text": 1}


def test_thirteen_words_in_common_are_too_many_and_twelve_are_not() -> None:
    words = words_of(SENTENCE)
    evaluated = EvaluationTexts()
    evaluated.add(SENTENCE)
    thirteen, twelve = "Once more: " + " ".join(words[2:15]), " ".join(words[2:14]) + " or so"
    kept, dropped = drop_contaminated(
        [row(thirteen, "b"), row("a", "b", others=(thirteen,)), row(twelve, "b")], evaluated
    )
    assert [one["positive"]["text"] for one in kept] == [twelve]
    assert dropped == {"shared run": 2}


@given(st.text(), st.text())
def test_any_text_is_found_again_within_any_other(text: str, around: str) -> None:
    evaluated = EvaluationTexts()
    evaluated.add(text)
    if words_of(text):
        assert evaluated.reason(text) == "same text"
    if len(words_of(text)) >= 13:
        assert evaluated.reason(f"{around} {text} {around}")


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda p: p[0] != p[1]), max_size=12),
    st.randoms(),
)
def test_no_passage_is_wanted_by_one_original_view_and_excluded_by_another(
    pairs: list[tuple[int, int]], order: random.Random
) -> None:
    rows = [row(f"p{first}", f"p{second}") for first, second in pairs]
    kept = one_way(rows)
    wanted = {one["positive"]["docid"] for one in kept}
    excluded = {one["reversed_positive"]["docid"] for one in kept}
    assert not wanted & excluded
    assert bool(kept) == bool(rows)
    assert len(kept) >= len(rows) / 4  # a random division keeps a quarter on average
    order.shuffle(rows)
    assert len(one_way(rows)) == len(kept)


def test_sets_whose_original_is_one_passage_are_kept_whole() -> None:
    rows = [row("a", "b"), row("a", "c"), row("b", "a", query="another")]
    assert one_way(rows) == rows
