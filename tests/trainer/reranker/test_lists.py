"""Batches of lists: which pairs are read, and what they are labelled."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from dualview.cards.errors import InputError
from dualview.trainer.losses.labels import Relation
from dualview.trainer.reranker.lists import ListCollator

R, N, U, C, X = (
    Relation.RELEVANT,
    Relation.NEGATIVE,
    Relation.UNLABELLED,
    Relation.OTHER_ROW,
    Relation.NO_DOCUMENT,
)


def row(name: str, hard: int = 0) -> dict[str, Any]:
    """Two views of the passages a and b; an exclusion that leaves b and c; and the bare query."""
    return {
        "query_id": name,
        "source": "seeds",
        "query": f"query {name}",
        "instructions": ["want a", "want b", "nothing on a"],
        "relevant": [[0], [1], [1]],
        "negative": [[1, 2], [0, 2], [0]],
        "passages": [f"{name} a", f"{name} b", f"{name} c"],
        "hard_negatives": [f"{name} hard {number}" for number in range(hard)],
        "neutral": True,
    }


class Words:
    """Stands for a CrossEncoder's tokeniser, and keeps the pairs."""

    pairs: list[tuple[str, str]]

    def __call__(self, pairs: list[tuple[str, str]]) -> dict[str, Any]:
        self.pairs = pairs
        return {
            "input_ids": torch.ones(len(pairs), 2, dtype=torch.int64),
            "attention_mask": torch.ones(len(pairs), 2, dtype=torch.int64),
        }


def test_pairs_without_a_label_are_not_read() -> None:
    words = Words()
    batch = ListCollator(words, [])([row("q", hard=1), row("r")])
    labels = batch["label"]
    assert labels.relation.tolist() == [
        [R, N, N, N],
        [N, R, N, N],
        [N, R, U, N],
        [R, R, R, N],
        [R, N, N, X],
        [N, R, N, X],
        [N, R, U, X],
        [R, R, R, X],
    ]
    assert labels.neutral.tolist() == [False, False, False, True] * 2
    assert labels.row.tolist() == [0] * 4 + [1] * 4
    assert labels.ids == ("q", "r")
    assert len(words.pairs) == 4 + 4 + 3 + 4 + 3 + 3 + 2 + 3 == len(batch["pairs"]["lengths"])
    for number, (relation, place) in enumerate(zip(labels.relation, labels.place, strict=True)):
        for column, value in enumerate(relation.tolist()):
            if value in (R, N):
                query, passage = words.pairs[place[column]]
                name = "qr"[number // 4]
                assert query.startswith(f"query {name}") and passage.startswith(name)
    assert words.pairs[0] == ("query q want a", "q a")
    assert ("query q", "q a") in words.pairs


def test_all_lists_of_a_row_have_the_same_passages_of_other_queries() -> None:
    rows = [row(name) for name in "qrstuv"]
    words = Words()
    collator = ListCollator(
        words, [*rows, row("q")], neutral=False, corpus_negatives=2, template="{query}: {instruction}"
    )
    labels = collator(rows[:2])["label"]
    assert labels.relation[:, 3:].tolist() == [[C, C]] * 6
    drawn = [[words.pairs[place][1] for place in places] for places in labels.place[:, 3:].tolist()]
    assert drawn[0] == drawn[1] == drawn[2] and drawn[3] == drawn[4] == drawn[5]
    assert all(text[0] not in "q" for text in drawn[0]) and all(text[0] not in "r" for text in drawn[3])
    assert words.pairs[0][0] == "query q: want a"
    first = words.pairs
    collator(rows[:2])
    assert words.pairs == first  # as in a resumed run


def test_rows_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="are no candidate sets"):
        ListCollator(Words(), [])([{"anchor": "a"}])


def test_labels_move() -> None:
    labels = ListCollator(Words(), [])([row("q")])["label"]
    moved = labels.to("cpu")
    assert torch.equal(moved.relation, labels.relation) and moved.ids == ("q",)
