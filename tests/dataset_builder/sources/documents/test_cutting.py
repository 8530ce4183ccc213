"""Cutting sections into passages: about one length, and no sentence is divided."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dualview.dataset_builder.checks.sentences import split_sentences
from dualview.dataset_builder.sources.documents.cutting import count_words, cut_passages

SENTENCE = "The pot is full of {} and it boils for a while."


def test_short_paragraphs_share_a_passage_and_long_ones_are_cut_between_sentences() -> None:
    short = ["A few words."] * 3
    assert cut_passages(short) == ["A few words.\nA few words.\nA few words."]
    sentences = [SENTENCE.format(number) for number in range(100)]
    passages = cut_passages([" ".join(sentences)])
    assert [line for passage in passages for line in split_sentences(passage)] == sentences
    assert all(150 <= count_words(passage) <= 300 for passage in passages)


def test_paragraphs_are_not_divided_where_they_fit() -> None:
    paragraphs = [" ".join(["word"] * 120) + "." for _ in range(6)]
    assert cut_passages(paragraphs) == [
        f"{one}\n{other}" for one, other in zip(paragraphs[::2], paragraphs[1::2], strict=True)
    ]


def test_words_are_counted_where_no_space_is_between_them() -> None:
    assert count_words("今日はパンの作り方を学びます") >= 6
    assert len(cut_passages(["今日はパンの作り方を学びます。" * 100])) > 2


@given(st.lists(st.text(alphabet="ab .!?\n。", max_size=300), max_size=5), st.integers(3, 50))
def test_no_word_is_lost_and_none_is_cut(paragraphs: list[str], words: int) -> None:
    kept = "".join("".join(cut_passages(paragraphs, words)).split())
    assert kept == "".join("".join(paragraphs).split())


def test_sentences_end_where_a_reader_sees_an_end() -> None:
    text = "Dr. Chen paid 3.5 dollars. Was it e.g. cheap? Yes!\nA new line"
    assert split_sentences(text) == ["Dr. Chen paid 3.5 dollars.", "Was it e.g. cheap?", "Yes!", "A new line"]
    assert split_sentences("今日は。明日も。") == ["今日は。", "明日も。"]
