"""The cached loss is the plain one, in little memory; and both at smaller embedding sizes."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MatryoshkaLoss

import dualview.trainer.losses.cached
from dualview.cards.errors import InputError
from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.losses.cached import CachedDualViewLoss
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.losses.labels import BatchLabels
from dualview.trainer.losses.matryoshka import MatryoshkaDualViewLoss

OPTIONS = {
    "neutral_weight": 0.5,
    "doc_to_query_weight": 0.3,
    "keep_weight": 0.2,
    "keep_documents_weight": 0.6,
    "in_set_weight": 0.4,
    "keep_queries_weight": 0.7,
    "compose_weight": 0.8,
    "chunk_tokens": 100,
}


def batch_of(
    model: SentenceTransformer, rows: list[dict[str, Any]], with_queries: bool = False
) -> tuple[list[dict[str, Any]], BatchLabels]:
    """Features and labels of some rows, with invented vectors of the base model."""
    batch = CandidateSetCollator(preprocess_fn=model.preprocess)(rows)
    torch.manual_seed(1)
    labels: BatchLabels = batch["label"]
    base = [
        torch.nn.functional.normalize(torch.randn(number, model.get_embedding_dimension()), dim=1)
        for number in (len(labels.neutral), len(labels.document_group))
    ]
    labels = replace(labels, base_anchor=base[0], base_document=base[1])
    features = [
        {key.removeprefix(f"{name}_"): value for key, value in batch.items() if key.startswith(name)}
        for name in ("anchor", "document")
    ]
    if with_queries:
        queries = [row["query"] for row in rows]
        composed = [f"{query}, nothing on its history" for query in queries[1:]]
        features += [model.preprocess(queries), model.preprocess(composed)]
        base = [
            torch.randn(number, model.get_embedding_dimension()) for number in map(len, (queries, composed))
        ]
        labels = replace(labels, base_kept=base[0], base_composed=base[1])
    return features, labels


def with_encoded_documents(
    features: list[dict[str, Any]], labels: BatchLabels, count: int, dimension: int
) -> tuple[list[dict[str, Any]], BatchLabels]:
    """Add a column of documents that were encoded before the training; the first is another row's."""
    vectors = torch.nn.functional.normalize(torch.randn(count, dimension), dim=1)
    column = {"sentence_embedding": vectors, "text_key": torch.arange(count)}
    assert labels.base_document is not None
    labels = replace(
        labels,
        document_group=torch.cat([labels.document_group, torch.arange(count)]),
        base_document=torch.cat([labels.base_document, vectors]),
        added_documents=count,
    )
    return [*features[:2], column, *features[2:]], labels


def gradients(
    model: SentenceTransformer, loss: Any, features: Any, labels: Any
) -> tuple[Any, dict[str, Any]]:
    result = loss([dict(column) for column in features], labels)
    total = sum(result.values()) if isinstance(result, dict) else result
    total.backward()
    return result, {name: w.grad for name, w in model.named_parameters() if w.grad is not None}


@pytest.fixture
def twin(tiny: SentenceTransformer) -> SentenceTransformer:
    return copy.deepcopy(tiny)


def test_cached_equals_plain_in_components_and_gradients(
    tiny: SentenceTransformer,
    twin: SentenceTransformer,
    training_rows: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        dualview.trainer.losses.cached, "_ANCHORS", 5
    )  # so that the anchors come in several parts
    features, labels = batch_of(tiny, training_rows[:5], with_queries=True)
    features, labels = with_encoded_documents(features, labels, 7, 32)
    plain, wanted = gradients(tiny, DualViewLoss(tiny, **OPTIONS), features, labels)
    cached, found = gradients(twin, CachedDualViewLoss(twin, **OPTIONS), features, labels)
    terms = {"query_to_doc", "in_set", "neutral", "doc_to_query", "keep", "keep_documents"}
    assert set(plain) == set(cached) == terms | {"keep_queries", "compose"}
    for name, value in plain.items():
        assert value.item() > 0
        assert cached[name].item() == pytest.approx(value.item(), abs=1e-4)
    assert found.keys() == wanted.keys()
    for name, gradient in wanted.items():
        torch.testing.assert_close(found[name], gradient, atol=1e-4, rtol=1e-3, msg=name)


def test_cached_equals_plain_with_dropout_in_expectation_of_the_same_masks(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]]
) -> None:
    for module in tiny.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.5
    features, labels = batch_of(tiny, training_rows[:2])
    tiny.train()
    loss = CachedDualViewLoss(tiny, neutral_weight=0.0, chunk_tokens=100)
    torch.manual_seed(3)
    total = sum(loss(features, labels).values())
    weight = tiny.transformers_model.embeddings.LayerNorm.weight
    total.backward()
    once = weight.grad.clone()
    tiny.zero_grad()
    torch.manual_seed(3)
    sum(loss(features, labels).values()).backward()
    # The second pass over the texts replays the first's masks: the same seed gives the same gradients.
    torch.testing.assert_close(weight.grad, once)


def test_cached_without_gradients_gives_the_loss_alone(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]]
) -> None:
    features, labels = batch_of(tiny, training_rows[:3])
    with torch.no_grad():
        plain = DualViewLoss(tiny)(features, labels)
        cached = CachedDualViewLoss(tiny)(features, labels)
    for name, value in plain.items():
        assert cached[name].item() == pytest.approx(value.item(), abs=1e-5)


def test_cached_takes_plain_columns(tiny: SentenceTransformer, training_rows: list[dict[str, Any]]) -> None:
    columns = [[row["query"] for row in training_rows[:4]], [row["passages"][0] for row in training_rows[:4]]]
    features = [tiny.preprocess(texts) for texts in columns]
    plain = DualViewLoss(tiny)(features)["query_to_doc"]
    cached = CachedDualViewLoss(tiny, chunk_tokens=50)(features)["query_to_doc"]
    assert cached.item() == pytest.approx(plain.item(), abs=1e-5)


@pytest.mark.parametrize("kind", [DualViewLoss, CachedDualViewLoss])
def test_smaller_sizes_cut_what_was_encoded_in_full(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]], kind: Any
) -> None:
    features, labels = batch_of(tiny, training_rows[:3], with_queries=True)
    features, labels = with_encoded_documents(features, labels, 7, 32)
    full, _ = gradients(tiny, kind(tiny, **OPTIONS), features, labels)
    wrapped, _ = gradients(tiny, MatryoshkaDualViewLoss(tiny, kind(tiny, **OPTIONS), [16]), features, labels)
    total = sum(wrapped.values()) if isinstance(wrapped, dict) else wrapped
    assert total.item() > sum(full.values()).item()


@pytest.mark.parametrize("kind", [DualViewLoss, CachedDualViewLoss])
def test_smaller_sizes_add_the_loss_of_their_first_dimensions(
    tiny: SentenceTransformer, twin: SentenceTransformer, training_rows: list[dict[str, Any]], kind: Any
) -> None:
    features, labels = batch_of(tiny, training_rows[:3])
    wrapped = MatryoshkaDualViewLoss(tiny, kind(tiny, chunk_tokens=100), [16, 8])
    result, found = gradients(tiny, wrapped, features, labels)
    total = sum(result.values()) if isinstance(result, dict) else result
    embeddings = [twin(dict(column))["sentence_embedding"] for column in features]
    keys = torch.arange(len(embeddings[1]))
    wanted = sum(
        sum(
            DualViewLoss(twin)
            .compute_loss_from_embeddings(*(e[:, :d] for e in embeddings), labels, keys)
            .values()
        )
        for d in (32, 16, 8)
    )
    assert total.item() == pytest.approx(wanted.item(), abs=1e-4)
    wanted.backward()
    for name, weight in twin.named_parameters():
        if weight.grad is not None:
            torch.testing.assert_close(found[name], weight.grad, atol=1e-4, rtol=1e-3, msg=name)


def test_the_card_of_smaller_sizes_names_the_inner_loss(tiny: SentenceTransformer) -> None:
    loss = MatryoshkaDualViewLoss(tiny, DualViewLoss(tiny, 0.07), [16])
    assert isinstance(loss, MatryoshkaLoss)
    assert loss.get_config_dict()["temperature"] == 0.07
    assert loss.get_config_dict()["matryoshka_dims"] == [32, 16]
    assert "2604.18845" in loss.citation and "2205.13147" in loss.citation


@pytest.mark.parametrize("dims", [[0], [32], [64], [-1, 8]])
def test_sizes_that_are_none_are_refused(tiny: SentenceTransformer, dims: list[int]) -> None:
    with pytest.raises(InputError, match="matryoshka_dims"):
        MatryoshkaDualViewLoss(tiny, DualViewLoss(tiny), dims)
