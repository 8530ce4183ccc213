"""Passages of the whole training text as negatives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from dualview.trainer.batches.base_embeddings import base_embeddings
from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.batches.corpus_passages import CorpusPassages
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.losses.labels import Relation, text_number
from tests.trainer.running import features_of


def test_each_passage_of_a_query_is_drawn_once_and_the_same_ones_for_the_same_batch() -> None:
    passages = [("q", "a", 0), ("q", "b", 1), ("r", "b", 1), ("r", "c", 2)]
    numbered = [(text_number(query), text_number(text), row) for query, text, row in passages]
    corpus = CorpusPassages(np.array(numbered * 2))
    assert len(corpus) == 4
    found = zip(*(column.tolist() for column in corpus.draw(10, "any")), strict=True)
    assert sorted(found) == sorted(numbered)
    drawn = [corpus.draw(2, batch)[1].tolist() for batch in ("one", "one", *map(str, range(20)))]
    assert drawn[0] == drawn[1] and len({tuple(texts) for texts in drawn}) > 5


def test_one_row_against_the_corpus_has_the_loss_that_it_has_among_all_rows(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    rows = list({row["query_id"]: row for row in training_rows}.values())
    assert len(rows) > 5
    base = base_embeddings(tiny, rows, tmp_path, keeps_corpus=True)
    collator = CandidateSetCollator(preprocess_fn=tiny.preprocess, base=base, frozen_documents=True)
    loss = DualViewLoss(tiny, 0.05, in_set_weight=1.0)

    def value(of_rows: list[dict[str, Any]]) -> dict[str, float]:
        batch = collator(of_rows)
        with torch.no_grad():
            return {name: float(part) for name, part in loss(features_of(batch), batch["label"]).items()}

    together = value(rows)
    assert base.corpus is not None
    collator.corpus_negatives = len(base.corpus)
    anchors = np.array([len(row["instructions"]) for row in rows])
    alone = [value([row]) for row in rows]
    for name in ("query_to_doc", "in_set"):
        mean = np.average([one[name] for one in alone], weights=anchors)
        assert mean == pytest.approx(together[name], rel=1e-4), name


def test_trained_passages_meet_the_corpus_without_their_own_earlier_vectors(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    rows = list({row["query_id"]: row for row in training_rows}.values())
    base = base_embeddings(tiny, rows, tmp_path, keeps_corpus=True)
    assert base.corpus is not None
    collator = CandidateSetCollator(
        preprocess_fn=tiny.preprocess, base=base, corpus_negatives=len(base.corpus)
    )
    batch = collator(rows[:2])
    trained = {text_number(text) for row in rows[:2] for text in (*row["passages"], *row["hard_negatives"])}
    assert set(batch["document_text_key"].tolist()) == trained
    drawn = batch["corpus_text_key"].tolist()
    assert len(drawn) == len(base.corpus) - len(trained) and not trained & set(drawn)
    # Before any step, the passages have the base model's vectors: the loss is that of frozen ones.
    losses = []
    for frozen in (False, True):
        collator.frozen_documents = frozen
        batch = collator(rows[:2])
        with torch.no_grad():
            loss = DualViewLoss(tiny.eval(), 0.05, in_set_weight=1.0)
            losses.append({k: float(v) for k, v in loss(features_of(batch), batch["label"]).items()})
    assert losses[0]["in_set"] == pytest.approx(losses[1]["in_set"], rel=1e-3)
    # Frozen ones are drawn a second time, beside themselves, as further negatives of the other rows.
    assert losses[0]["query_to_doc"] <= losses[1]["query_to_doc"]


@pytest.mark.parametrize("negatives", [0, 20])
def test_holding_the_passages_counts_those_that_are_trained_alone(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]], tmp_path: Path, negatives: int
) -> None:
    base = base_embeddings(tiny, training_rows, tmp_path, keeps_corpus=True)
    collator = CandidateSetCollator(
        preprocess_fn=tiny.preprocess, base=base, corpus_negatives=negatives, neutral=False
    )
    batch = collator(training_rows[:3])
    tiny.transformers_model.embeddings.word_embeddings.weight.data.add_(
        torch.randn(32, generator=torch.Generator().manual_seed(1))
    )
    with torch.no_grad():
        result = DualViewLoss(tiny, keep_documents_weight=1.0)(features_of(batch), batch["label"])
        texts = [text for row in training_rows[:3] for text in (*row["passages"], *row["hard_negatives"])]
        moved = torch.from_numpy(tiny.encode_document(texts, normalize_embeddings=True))
        drift = 1 - (moved * base.documents.of(texts)).sum(dim=1)
    assert drift.mean() > 0.01
    assert result["keep_documents"].item() == pytest.approx(drift.mean().item(), rel=1e-2)


def test_passages_of_the_same_query_are_no_negatives(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    base = base_embeddings(tiny, training_rows, tmp_path, keeps_corpus=True)
    assert base.corpus is not None
    drawn = len(base.corpus)
    collator = CandidateSetCollator(
        preprocess_fn=tiny.preprocess, base=base, frozen_documents=True, corpus_negatives=drawn
    )
    batch = collator(training_rows[:1])
    labels = batch["label"]
    relation = labels.dense(0, len(labels.own))[:, -drawn:]
    of_query = labels.document_group[-drawn:] == labels.anchor_group[0]
    assert of_query.any() and not of_query.all()
    assert (relation[:, of_query] == Relation.UNLABELLED).all()
    assert (relation[:, ~of_query] == Relation.OTHER_ROW).all()
