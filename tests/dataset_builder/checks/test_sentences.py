"""Counting sentences: what looks like an end and is none must not cost a good instruction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.dataset_builder.checks.sentences import count_sentences


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" ... ", 0),
        ("Only recipes", 1),
        ("Only recipes.", 1),
        ("Only recipes. No restaurants.", 2),
        ("Only recipes! No restaurants? Thanks.", 3),
        ("Only recipes... and nothing else.", 1),
        ("Only fruit, e.g. Apples from the U.S. Department, etc. and so on.", 1),
        ("Studies by J. R. Smith et al. only.", 1),
        ("Only version 3.11 or sites such as example.com.", 1),
        ("At least 2.5 km, approx. 1.6 miles, vs. Nothing.", 1),
        ("Sizes of No. 5 and Fig. 2.", 1),
        ('He said "no." Then he left.', 2),
        ("(Leave out history.) Show costs.", 2),
        ("Show costs (no history). That is all.", 2),
        ("1. Costs come first.", 1),
        ("Costs in 2021. Nothing later.", 2),
        ("One line\nand another", 2),
        ("- costs\n- history\n- care", 3),
        ("Costs first.\n\nThen care.", 2),
        ("只要价格。不要历史。", 2),
        ("केवल लागत। इतिहास नहीं।", 2),
        ("Nur Kosten, z.B. Miete.", 1),
        ("Coûts seulement… Pas d'histoire.", 2),
    ],
)
def test_sentences_are_counted_as_a_reader_counts(text: str, count: int) -> None:
    assert count_sentences(text) == count


sentences = st.sampled_from(["Only prices in the euro zone", "Nothing on history", "I teach a class of ten"])


@given(st.lists(sentences, min_size=1, max_size=5), st.sampled_from([".", "!", "?", ".)", '."']))
def test_plain_sentences_are_all_counted(parts: list[str], end: str) -> None:
    assert count_sentences(" ".join(part + end for part in parts)) == len(parts)


@given(st.text())
def test_any_text_has_a_count(text: str) -> None:
    count = count_sentences(text)
    assert 0 <= count <= len(text)
    assert (count == 0) == (not any(map(str.isalnum, text)))
