"""Queries with phrases in a batch, and the vectors that they are pulled to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.batches.base_embeddings import base_embeddings
from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.batches.compositions import (
    CompositionRule,
    Compositions,
    composed_vectors,
    texts_of,
)


def row(kind: str, text: str, query: str = "q", *phrases: str) -> dict[str, Any]:
    return {"query": "" if kind == "kept" else query, "phrases": list(phrases), "kind": kind, "text": text}


ROWS = [
    row("exclusion", "x, no y", "x", "y"),
    row("kept", "not only x"),
    row("exclusion", "x, no y or z", "x", "y", "z"),
    row("inclusion", "x only y", "x", "y"),
]


class Axes:
    """Vectors of three words, an axis each; everything else is the diagonal."""

    def of(self, texts: Any) -> torch.Tensor:
        known = {"x": [1.0, 0.0, 0.0], "y": [0.0, 1.0, 0.0], "z": [0.0, 0.0, 1.0]}
        return torch.tensor([known.get(text, [1.0, 1.0, 1.0]) for text in texts])


def unit(*values: float) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.tensor(values).float(), dim=0)


def test_phrases_are_subtracted_or_added_and_a_trap_stays() -> None:
    found = composed_vectors(ROWS, Axes(), CompositionRule(alpha=0.5, beta=0.25))
    half = 0.5**0.5
    wanted = [unit(1, -0.5, 0), unit(1, 1, 1), unit(1, -0.5 * half, -0.5 * half), unit(1, 0.25, 0)]
    torch.testing.assert_close(found, torch.stack(wanted))
    assert texts_of(ROWS) == ["x", "y", "not only x", "z"]
    torch.testing.assert_close(composed_vectors(ROWS[1:2], Axes(), CompositionRule()), wanted[1][None])


def many(number: int, kept: int) -> Dataset:
    changed = [row("exclusion", f"x, no {place}", "x", str(place)) for place in range(number)]
    return Dataset.from_list([*changed, *(row("kept", f"not only {place}") for place in range(kept))])


def test_the_same_batch_draws_the_same_ones_and_one_of_eight_stays() -> None:
    compositions = Compositions(many(100, 30), CompositionRule())
    drawn = compositions.draw(16, "batch")
    assert drawn == compositions.draw(16, "batch") != compositions.draw(16, "another")
    assert [one["kind"] for one in drawn].count("kept") == 2
    assert len({one["text"] for one in drawn}) == 16


def test_no_more_than_will_be_drawn_are_used_whatever_their_order() -> None:
    rows = many(100, 3)
    used = Compositions(rows, CompositionRule(), most=10)
    assert len(used) == 10 + 3
    again = Compositions(rows.select(range(102, -1, -1)), CompositionRule(), most=10)
    assert set(used.rows["text"]) == set(again.rows["text"])


def test_phrases_that_nothing_is_added_for_are_left_out() -> None:
    rows = Dataset.from_list(ROWS)
    assert len(Compositions(rows, CompositionRule(beta=0.0))) == 3
    assert len(Compositions(rows, CompositionRule(beta=0.1))) == 4
    with pytest.raises(InputError, match="compose_beta 0 leaves those out"):
        Compositions(rows.select([3]), CompositionRule(beta=0.0))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 6), st.integers(1, 6), st.integers(1, 40))
def test_a_draw_is_never_larger_than_asked_for(number: int, kept: int, count: int) -> None:
    drawn = Compositions(many(number, kept), CompositionRule()).draw(count, "b")
    assert 0 < len(drawn) <= count


def test_a_batch_brings_compositions_and_their_vectors(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    rows = training_rows[:3]
    compositions = Compositions(Dataset.from_list(ROWS), CompositionRule())
    base = base_embeddings(tiny, rows, tmp_path / "base", compositions=compositions)
    collator = CandidateSetCollator(preprocess_fn=tiny.preprocess, base=base, compositions=4)
    batch = collator(rows)
    texts = tiny.tokenizer.batch_decode(batch["composed_input_ids"], skip_special_tokens=True)
    drawn = compositions.draw(4, "\x1f".join(one["query_id"] for one in rows))
    assert texts == [one["text"] for one in drawn]
    vectors = batch["label"].base_composed
    wanted = composed_vectors(drawn, base.queries, compositions.rule)
    torch.testing.assert_close(vectors, wanted)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(drawn)))


def test_compositions_need_their_vectors(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="compositions needs the base model's embeddings"):
        CandidateSetCollator(preprocess_fn=tiny.preprocess, compositions=4)(training_rows[:2])
    base = base_embeddings(tiny, training_rows[:2], tmp_path / "base")
    with pytest.raises(InputError, match=r"compositions needs base_embeddings\(…, compositions=…\)"):
        CandidateSetCollator(preprocess_fn=tiny.preprocess, base=base, compositions=4)(training_rows[:2])
