"""Batches of published rows: relevance labels, and the form of the texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Dataset, IterableDataset
from sentence_transformers import SentenceTransformer

import dualview.trainer.data.candidate_rows
from dualview.trainer.batches.base_embeddings import base_embeddings
from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.batches.kept_sentences import sentences_of
from dualview.trainer.data.candidate_rows import (
    ROW_FEATURES,
    RowPlan,
    candidate_rows,
    plain_rows,
    stream_candidate_rows,
)
from dualview.trainer.encoders.models import training_prompts
from dualview.trainer.losses.labels import BatchLabels, Relation

R, N, U, X = Relation.RELEVANT, Relation.NEGATIVE, Relation.UNLABELLED, Relation.OTHER_ROW


def passage(docid: str) -> dict[str, str]:
    return {"docid": docid, "title": "", "text": f"text of {docid}"}


def published(
    query_id: str, positive: str, reversed_positive: str, others: str = "", **values: Any
) -> dict[str, Any]:
    return {
        "query_id": query_id,
        "set_id": f"{query_id}-{positive}",
        "query": f"query {query_id}",
        "instruction": f"want {positive}",
        "reversed_instruction": f"want {reversed_positive}",
        "paraphrased_instruction": f"really want {positive}",
        "positive": passage(positive),
        "reversed_positive": passage(reversed_positive),
        "other_instruction_negatives": [passage(docid) for docid in others],
        "hard_negatives": [passage("h")],
        "lever": "region",
        "style": "plain",
        "source": "seeds",
        **values,
    }


def relation_of(batch: dict[str, Any]) -> list[list[int]]:
    labels: BatchLabels = batch["label"]
    return labels.dense(0, len(labels.own)).tolist()


def texts_of(model: SentenceTransformer, batch: dict[str, Any], column: str) -> list[str]:
    return model.tokenizer.batch_decode(batch[f"{column}_input_ids"], skip_special_tokens=True)


def test_a_set_of_three_passages_gives_three_views_over_them() -> None:
    rows = Dataset.from_list([published("q", "a", "b", "c"), published("q", "a", "c", "b")])
    (row,) = candidate_rows(rows, RowPlan(pairs_per_row=6))
    views = dict(zip(row["instructions"], zip(row["relevant"], row["negative"], strict=True), strict=True))
    place = {text.split()[-1]: index for index, text in enumerate(row["passages"])}
    assert len(place) == 3
    for docid, others in {"a": "bc", "b": "ac", "c": "ab"}.items():
        relevant, negative = views[f"want {docid}"]
        assert relevant == [place[docid]]
        assert sorted(negative) == sorted(place[other] for other in others)


def test_pairs_of_a_query_are_dealt_into_rows_in_an_order_that_the_ids_fix() -> None:
    pairs = [published("q", f"a{i}", f"b{i}") for i in range(5)]
    dealt = candidate_rows(Dataset.from_list(pairs), RowPlan(pairs_per_row=2))
    assert [len(row["instructions"]) for row in dealt] == [4, 4, 2]
    backwards = candidate_rows(Dataset.from_list(pairs[::-1]), RowPlan(pairs_per_row=2))
    assert list(dealt) == list(backwards)


def test_large_data_goes_through_the_disk_and_comes_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Dataset.from_list([published(f"q{i // 2}", f"a{i}", f"b{i}") for i in range(6)])
    held = candidate_rows(rows, RowPlan(pairs_per_row=6))
    monkeypatch.setattr(dualview.trainer.data.candidate_rows, "_IN_MEMORY", 3)
    written = candidate_rows(rows, RowPlan(pairs_per_row=6))
    assert written.cache_files and not held.cache_files
    assert list(written) == list(held)
    assert written.features == ROW_FEATURES


def test_streamed_rows_are_the_loaded_ones_in_another_order() -> None:
    rows = Dataset.from_list([published(f"q{i // 2}", f"a{i}", f"b{i}") for i in range(20)])
    loaded = list(candidate_rows(rows, RowPlan(pairs_per_row=6)))
    stream: IterableDataset = stream_candidate_rows(
        rows.to_iterable_dataset(), RowPlan(pairs_per_row=6), 5, seed=0
    )
    streamed = list(stream)
    assert streamed != loaded
    assert sorted(map(str, streamed)) == sorted(map(str, loaded))


def test_relations_of_a_batch(tiny_loaded: SentenceTransformer) -> None:
    rows = list(
        candidate_rows(Dataset.from_list([published("q", "a", "b"), published("r", "c", "d")]), RowPlan(6))
    )
    batch = CandidateSetCollator(preprocess_fn=tiny_loaded.preprocess)(rows)
    assert relation_of(batch) == [
        [R, N, N, X, X, X],
        [N, R, N, X, X, X],
        [R, R, N, X, X, X],
        [X, X, X, R, N, N],
        [X, X, X, N, R, N],
        [X, X, X, R, R, N],
    ]
    assert batch["label"].neutral.tolist() == [False, False, True] * 2
    assert batch["label"].ids == ("q", "r")
    assert texts_of(tiny_loaded, batch, "anchor")[:3] == ["query q want a", "query q want b", "query q"]
    assert texts_of(tiny_loaded, batch, "document")[:3] == ["text of a", "text of b", "text of h"]


def test_rows_of_one_query_say_nothing_of_each_others_documents(tiny_loaded: SentenceTransformer) -> None:
    rows = list(
        candidate_rows(Dataset.from_list([published("q", "a", "b"), published("q", "c", "d")]), RowPlan(1))
    )
    batch = CandidateSetCollator(preprocess_fn=tiny_loaded.preprocess, neutral=False)(rows)
    assert [row[3:] for row in relation_of(batch)[:2]] == [[U, U, U]] * 2


def test_instruction_negatives_come_before_hard_negatives(tiny_loaded: SentenceTransformer) -> None:
    row = published("q", "a", "b", "xyz", hard_negatives=[passage("h"), passage("i")])
    (joined,) = candidate_rows(Dataset.from_list([row]), RowPlan(6))

    def documents(limit: int) -> list[str]:
        batch = CandidateSetCollator(preprocess_fn=tiny_loaded.preprocess, max_negatives=limit)([joined])
        assert len(relation_of(batch)[0]) == len(texts_of(tiny_loaded, batch, "document"))
        return [text.split()[-1] for text in texts_of(tiny_loaded, batch, "document")]

    assert documents(0) == ["a", "b"]
    assert documents(2) == ["a", "b", "x", "y"]
    assert documents(4) == ["a", "b", "x", "y", "z", "h"]
    assert documents(30) == ["a", "b", "x", "y", "z", "h", "i"]


def test_plain_rows_ask_the_bare_query_for_all_its_positives(tiny_loaded: SentenceTransformer) -> None:
    rows = plain_rows(
        Dataset.from_list(
            [
                {
                    "query_id": "q",
                    "query": "query q",
                    "positives": [passage("a"), passage("b")],
                    "hard_negatives": [passage("h")],
                }
            ]
        )
    )
    batch = CandidateSetCollator(preprocess_fn=tiny_loaded.preprocess)(list(rows))
    assert texts_of(tiny_loaded, batch, "anchor") == ["query q"]
    assert relation_of(batch) == [[R, R, N]]
    assert batch["label"].neutral.tolist() == [False]


def test_a_template_joins_query_and_instruction_and_leaves_the_bare_query(
    tiny_loaded: SentenceTransformer,
) -> None:
    (row,) = candidate_rows(Dataset.from_list([published("q", "a", "b")]), RowPlan(6))
    template = "query : {query} task : {instruction}"
    batch = CandidateSetCollator(preprocess_fn=tiny_loaded.preprocess, template=template)([row])
    assert texts_of(tiny_loaded, batch, "anchor") == [
        "query : query q task : want a",
        "query : query q task : want b",
        "query q",
    ]


def test_training_reads_the_texts_that_encoding_reads(tiny: SentenceTransformer) -> None:
    tiny.prompts.update(query="search: ", document="passage: ")
    (row,) = candidate_rows(Dataset.from_list([published("q", "a", "b")]), RowPlan(6))
    batch = CandidateSetCollator(preprocess_fn=tiny.preprocess, prompts=training_prompts(tiny))([row])
    tiny.eval()
    for column, encode, texts in (
        ("anchor", tiny.encode_query, ["query q want a", "query q want b", "query q"]),
        ("document", tiny.encode_document, ["text of a", "text of b", "text of h"]),
    ):
        features = {k.removeprefix(f"{column}_"): v for k, v in batch.items() if k.startswith(column)}
        ours = tiny(features)["sentence_embedding"].detach()
        torch.testing.assert_close(ours, torch.from_numpy(encode(texts)), atol=1e-5, rtol=1e-4)


def test_a_batch_brings_its_bare_queries_and_sentences_to_keep(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    rows = training_rows[:3]
    base = base_embeddings(tiny, rows, tmp_path / "base", keeps_sentences=True)
    collator = CandidateSetCollator(
        preprocess_fn=tiny.preprocess, base=base, keeps_queries=True, kept_sentences=5
    )
    batch = collator(rows)
    assert torch.equal(batch["kept_input_ids"], collator(rows)["kept_input_ids"])  # as in a resumed run
    assert len(batch["kept_input_ids"]) == 3 + 5
    texts = texts_of(tiny, batch, "kept")
    bare = tiny.tokenizer.batch_decode(
        tiny.tokenizer([row["query"] for row in rows])["input_ids"], skip_special_tokens=True
    )
    assert texts[:3] == bare
    features = {key.removeprefix("kept_"): value for key, value in batch.items() if key.startswith("kept_")}
    vectors = torch.nn.functional.normalize(tiny.eval()(features)["sentence_embedding"], dim=1)
    torch.testing.assert_close(vectors, batch["label"].base_kept.float(), atol=2e-3, rtol=0)


def test_sentences_of_passages() -> None:
    row = {
        "passages": ["A title\nOne two three four five. Too short. Is this the third one, or not? Last one"],
        "hard_negatives": ["One two three four five."],
    }
    assert sorted(sentences_of([row])) == ["Is this the third one, or not?", "One two three four five."]


def test_which_sentences_are_taken_depends_on_no_order() -> None:
    rows = [
        {"passages": [f"This is the sentence of number {n}. And another one is {n}."], "hard_negatives": []}
        for n in range(50)
    ]
    taken = sentences_of(rows, most=10)
    assert len(taken) == 10 and taken == sentences_of(rows[::-1], most=10)
    assert set(taken) < set(sentences_of(rows, most=1_000))


def test_base_embeddings_are_kept_for_the_next_start(
    tiny: SentenceTransformer,
    training_rows: list[dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = training_rows[:3]
    first = base_embeddings(tiny, rows, tmp_path / "base")
    with monkeypatch.context() as encodes_nothing:
        encodes_nothing.setattr(SentenceTransformer, "encode", None)
        again = base_embeddings(tiny, rows, tmp_path / "base")
    batch = CandidateSetCollator(preprocess_fn=tiny.preprocess, base=first)(rows)
    labels = batch["label"]
    assert labels.base_anchor.shape == (len(labels.neutral), 32)
    assert labels.base_document.shape == (len(labels.document_group), 32)
    assert torch.equal(again.documents.of(rows[0]["passages"]), first.documents.of(rows[0]["passages"]))
    assert torch.allclose(labels.base_anchor.float().norm(dim=1), labels.neutral.float(), atol=1e-2)
    tiny.transformers_model.embeddings.word_embeddings.weight.data.mul_(2)
    other = base_embeddings(tiny, rows, tmp_path / "base")
    assert not torch.equal(other.documents.of(rows[0]["passages"]), first.documents.of(rows[0]["passages"]))
