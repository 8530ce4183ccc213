"""Instructions varied while training: what may be left out, what may be joined, and the labels of both."""

from __future__ import annotations

import pytest
from sentence_transformers import SentenceTransformer

from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.batches.varied_instructions import Variation

ROW = {
    "query_id": "q",
    "source": "practical",
    "query": "bread",
    "instructions": ["no sugar", "without any yeast.", "in twenty minutes", ""],
    "relevant": [[0], [0], [1], [0]],
    "negative": [[1], [2], [0, 2], []],
    "passages": ["soda bread", "quick bread", "brioche"],
    "hard_negatives": [],
    "neutral": False,
}


def test_two_instructions_that_want_the_same_passage_are_joined_and_exclude_what_either_excludes() -> None:
    varied = Variation(joined=1).of(ROW, "batch")
    assert varied["instructions"] == [
        "no sugar; without any yeast.",
        "without any yeast; no sugar",
        "in twenty minutes",
        "",
    ]
    assert varied["negative"] == [[1, 2], [1, 2], [0, 2], []]
    assert varied["relevant"] == ROW["relevant"] and varied["query"] == "bread"


def test_words_are_left_out_but_for_cues_and_short_ones() -> None:
    assert Variation(dropped_words=1).of(ROW, "batch")["instructions"] == ["no", "without any", "in", ""]
    nothing_left = {**ROW, "instructions": ["Strictly vegetarian", "yeast", "minutes", ""]}
    assert Variation(dropped_words=1).of(nothing_left, "b")["instructions"] == nothing_left["instructions"]


@pytest.mark.parametrize("variation", [Variation(dropped_words=0.4), Variation(joined=0.5)])
def test_a_batch_draws_the_same_again_and_another_batch_something_else(variation: Variation) -> None:
    row = {**ROW, "instructions": ["tell about yeast bread", "about sugar cakes", "twenty minutes bake", "x"]}
    drawn = [str(variation.of(row, f"batch {number}")) for number in range(20)]
    assert drawn == [str(variation.of(row, f"batch {number}")) for number in range(20)]
    assert len(set(drawn)) > 1


def test_the_collator_varies_each_row(tiny_loaded: SentenceTransformer) -> None:
    collator = CandidateSetCollator(
        preprocess_fn=tiny_loaded.preprocess, neutral=False, variation=Variation(joined=1)
    )
    batch = collator([ROW])
    texts = tiny_loaded.tokenizer.batch_decode(batch["anchor_input_ids"], skip_special_tokens=True)
    assert texts[0] == "bread no sugar ; without any yeast."
    assert batch["label"].dense(0, 4)[0].tolist() == batch["label"].dense(0, 4)[1].tolist()
