"""Mining: what scores like an answer is near, what scores lower is hard, and no answer is either."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.dataset_builder.sources.negatives import (
    DEPTH,
    Neighbours,
    Question,
    merge_neighbours,
    mine_with_bm25,
    mine_with_model,
)

CORPUS = [
    "bread yeast flour",
    "bread yeast flour oven",
    "bread machine reviews of the year",
    "yeast infections in dogs",
    "tulips in spring",
]


def test_the_margin_parts_near_from_hard() -> None:
    question = Question("bread yeast flour", answers=(1,))
    (found,) = mine_with_bm25([question], CORPUS, margin=0.05)
    # The first text scores above the answer, for it is shorter; two share one word; the last shares none.
    assert found == Neighbours(near=(0,), hard=(3, 2))
    (strict,) = mine_with_bm25([question], CORPUS, margin=1.0)
    assert strict == Neighbours(near=(0, 3, 2))


def test_equal_scores_stand_in_the_order_of_the_corpus() -> None:
    corpus = ["an answer about bread"] + ["bread"] * 3 + [f"bread {'word ' * n}" for n in range(2 * DEPTH)]
    (found,) = mine_with_bm25([Question("bread", answers=(0,))], corpus, margin=0.0)
    assert found.near[:3] == (1, 2, 3)
    assert len(found.near) + len(found.hard) == DEPTH


def test_a_query_of_unknown_words_has_no_neighbours() -> None:
    questions = [Question("zzz", answers=(0,)), Question("", answers=(0,)), Question("bread", answers=(4,))]
    unknown, empty, other = mine_with_bm25(questions, CORPUS, margin=0.05)
    assert unknown == empty == Neighbours()
    # The answer shares no word with the query: nothing is known to score lower than it.
    assert other.hard == () and set(other.near) == {0, 1, 2}


TEXTS = st.text(st.sampled_from("ab c"), max_size=8)


@settings(max_examples=60)
@given(
    corpus=st.lists(TEXTS, min_size=1, max_size=12, unique=True),
    query=TEXTS,
    margin=st.floats(0, 1),
    data=st.data(),
)
def test_bm25_never_returns_an_answer(
    corpus: list[str], query: str, margin: float, data: st.DataObject
) -> None:
    places = st.integers(0, len(corpus) - 1)
    answers = tuple(data.draw(st.lists(places, min_size=1, max_size=3, unique=True)))
    if not any(len(word) > 1 for text in corpus for word in text.split()):
        return
    (found,) = mine_with_bm25([Question(query, answers)], corpus, margin)
    assert not {*found.near, *found.hard} & set(answers)
    assert len({*found.near, *found.hard}) == len(found.near) + len(found.hard)


def test_the_model_ranks_what_shares_no_word(minilm: SentenceTransformer) -> None:
    corpus = [
        "The dog barked at the postman.",
        "A puppy growled when the mail carrier came.",
        "Interest rates rose by half a point.",
    ]
    # Two questions with the same words are two questions.
    questions = [Question("hound barking at letter carrier", (0,))] * 2
    first, second = mine_with_model(questions, corpus, 0.05, minilm)
    assert first == second
    assert (*first.near, *first.hard) == (1, 2) and 2 in first.hard


def test_the_lowest_answer_sets_the_margin(minilm: SentenceTransformer) -> None:
    corpus = ["cats", "felines of the house", "kittens", "the stock exchange"]
    (one,) = mine_with_model([Question("cats", (0,))], corpus, 0.05, minilm)
    (two,) = mine_with_model([Question("cats", (0, 3))], corpus, 0.05, minilm)
    assert one.near == () and set(two.near) == {1, 2}


def test_a_corpus_of_answers_has_no_neighbours(minilm: SentenceTransformer) -> None:
    assert mine_with_model([Question("cats", (0, 1))], ["cats", "dogs"], 0.05, minilm) == [Neighbours()]


def test_searches_take_turns_and_near_wins() -> None:
    first = [Neighbours(near=(1, 2), hard=(3, 4))]
    second = [Neighbours(near=(2, 3), hard=(1, 5, 6))]
    assert merge_neighbours([first, second]) == [Neighbours(near=(1, 2, 3), hard=(4, 5, 6))]
    assert merge_neighbours([first]) == first
    assert first[0].first(1, 0) == Neighbours(near=(1,))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bm25s", None)
    with pytest.raises(InputError, match=r"pip install 'dualview\[mine\]'"):
        mine_with_bm25([Question("a", (0,))], ["a"], 0.05)
