"""Five words of a passage in a row are a quotation; fewer are not, and the query's own words are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.dataset_builder.checks.copying import find_copied_run

PASSAGE = (
    "Rinse the beans, soak them overnight in cold water and simmer them for an hour. Don\u2019t add salt."
)


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("Only if you soak them overnight in water.", None),
        ("Only if you soak them overnight in cold water.", "soak them overnight in cold"),
        ("Overnight in COLD water; and simmer.", "overnight in cold water and"),
        ("They say: for an hour don't add", "for an hour don't add"),
        ("Soak.", None),
    ],
)
def test_a_run_of_five_words_is_found(text: str, run: str | None) -> None:
    assert find_copied_run(text, [PASSAGE], "cooking beans") == run


def test_what_the_query_says_may_be_said_again() -> None:
    query = "soak them overnight in cold water"
    assert find_copied_run("Why soak them overnight in cold water?", [PASSAGE], query) is None
    assert find_copied_run("Soak them overnight in cold water and simmer.", [PASSAGE], query)


def test_scripts_without_spaces_count_characters() -> None:
    passage = "红豆先在冷水里泡一个晚上然后再煮一小时。"
    assert find_copied_run("只要泡一个晚上的方法", [passage], "红豆") is None
    assert (
        find_copied_run("只要先在冷水里泡一个晚上然后", [passage], "红豆") == "先 在 冷 水 里 泡 一 个 晚 上"
    )


words = st.lists(
    st.sampled_from(("soak", "rinse", "boil", "salt", "pot", "fire", "bean", "time")), min_size=0, max_size=9
)


@given(words, words, words)
def test_a_run_is_found_exactly_where_one_is(text: list[str], passage: list[str], query: list[str]) -> None:
    def runs(tokens: list[str]) -> set[str]:
        return {" ".join(tokens[start : start + 5]) for start in range(len(tokens) - 4)}

    copied = runs(text) & runs(passage) - runs(query)
    found = find_copied_run(" ".join(text), [" ".join(passage)], " ".join(query))
    assert found in copied if copied else found is None
