"""The loss: what it equals, two cases by hand, and what masking is for."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from torch import Tensor

from dualview.cards.errors import InputError
from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.losses.labels import Relation, column_labels, join_blocks

R, N, U = Relation.RELEVANT, Relation.NEGATIVE, Relation.UNLABELLED


def no_model() -> Any:
    return torch.nn.Identity()


def labels_of(
    *blocks: list[list[int]], groups: list[int] | None = None, neutral: list[bool] | None = None
) -> Any:
    tensors = [torch.tensor(block, dtype=torch.int8) for block in blocks]
    anchors = sum(len(block) for block in tensors)
    return join_blocks(tensors, groups or list(range(len(blocks))), neutral or [False] * anchors)


def loss_of(
    anchors: Tensor,
    documents: Tensor,
    labels: Any,
    keys: list[int] | None = None,
    queries: dict[str, Tensor] | None = None,
    **options: Any,
) -> dict[str, Tensor]:
    texts = torch.tensor(keys if keys is not None else range(len(documents)))
    loss = DualViewLoss(no_model(), **options)
    return loss.compute_loss_from_embeddings(anchors, documents, labels, texts, queries)


def info_nce(positive: float, against: list[float], temperature: float) -> float:
    terms = [math.exp(score / temperature) for score in [positive, *against]]
    return -math.log(terms[0] / sum(terms))


def column_features(model: SentenceTransformer, rows: list[dict[str, Any]]) -> list[dict[str, Tensor]]:
    """Anchor, positive and negative columns of the rows' first view."""
    columns = (
        [f"{row['query']} {row['instructions'][0]}" for row in rows],
        [row["passages"][row["relevant"][0][0]] for row in rows],
        [row["passages"][row["negative"][0][0]] for row in rows],
    )
    return [model.preprocess(texts) for texts in columns]


@pytest.mark.parametrize("columns", [2, 3])
def test_one_view_and_no_options_is_the_multiple_negatives_ranking_loss(
    minilm: SentenceTransformer, training_rows: list[dict[str, Any]], columns: int
) -> None:
    features = column_features(minilm, training_rows[:6])[:columns]
    theirs = MultipleNegativesRankingLoss(minilm, scale=50.0)([dict(f) for f in features], torch.zeros(6))
    ours = DualViewLoss(minilm, temperature=0.02)(features)
    assert ours["query_to_doc"].item() == pytest.approx(theirs.item(), abs=1e-5)
    assert sum(ours.values()).item() == pytest.approx(theirs.item(), abs=1e-5)


def test_gradients_too_equal_those_of_the_multiple_negatives_ranking_loss(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]]
) -> None:
    features = column_features(tiny, training_rows[:6])
    MultipleNegativesRankingLoss(tiny, scale=50.0)([dict(f) for f in features], torch.zeros(6)).backward()
    theirs = {
        name: weight.grad.clone() for name, weight in tiny.named_parameters() if weight.grad is not None
    }
    tiny.zero_grad()
    sum(DualViewLoss(tiny, temperature=0.02)(features).values()).backward()
    ours = {name: weight.grad for name, weight in tiny.named_parameters() if weight.grad is not None}
    assert ours.keys() == theirs.keys()
    for name, gradient in theirs.items():
        torch.testing.assert_close(ours[name], gradient, atol=1e-5, rtol=1e-4, msg=name)


def test_two_views_by_hand() -> None:
    # Unit vectors in the plane: the first anchor leans to the first document, the second to the second.
    anchors = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
    documents = torch.tensor([[0.8, 0.6], [0.0, 1.0]])
    result = loss_of(anchors, documents, labels_of([[R, N], [N, R]]), temperature=0.5, neutral_weight=0.0)
    # Cosines: 0.8 and 0 for the first anchor; 0.96 and 0.8 for the second.
    wanted = (info_nce(0.8, [0.0], 0.5) + info_nce(0.8, [0.96], 0.5)) / 2
    assert set(result) == {"query_to_doc"}
    assert result["query_to_doc"].item() == pytest.approx(wanted, abs=1e-6)


def test_the_neutral_view_by_hand() -> None:
    anchors = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6]])
    documents = torch.tensor([[0.8, 0.6], [0.0, 1.0], [1.0, 0.0]])
    # The third document is a hard negative; the third anchor is the bare query, which both others answer.
    labels = labels_of([[R, N, N], [N, R, N], [R, R, N]], neutral=[False, False, True])
    result = loss_of(anchors, documents, labels, temperature=0.5, neutral_weight=0.25)
    instructed = (info_nce(0.8, [0.0, 1.0], 0.5) + info_nce(0.8, [0.96, 0.6], 0.5)) / 2
    # Each relevant document is compared with the hard negative alone, never with the other relevant one.
    bare = (info_nce(1.0, [0.8], 0.5) + info_nce(0.6, [0.8], 0.5)) / 2
    assert result["query_to_doc"].item() == pytest.approx(instructed, abs=1e-6)
    assert result["neutral"].item() == pytest.approx(0.25 * bare, abs=1e-6)


def test_document_to_query_by_hand() -> None:
    anchors = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    documents = torch.tensor([[0.8, 0.6], [0.0, 1.0]])
    # The second document is not labelled by the first anchor, so nothing excludes it: it takes no part.
    labels = labels_of([[R, U], [N, R], [R, R]], neutral=[False, False, True])
    result = loss_of(anchors, documents, labels, temperature=0.5, doc_to_query_weight=2.0)
    # The first document wants the first anchor (0.8), not the second (0.96); the bare query counts for none.
    assert result["doc_to_query"].item() == pytest.approx(2 * info_nce(0.8, [0.96], 0.5), abs=1e-6)


def test_a_text_that_is_relevant_is_no_negative_where_it_comes_again() -> None:
    anchors = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    documents = torch.tensor([[0.8, 0.6], [0.8, 0.6], [0.0, 1.0]])
    # Two rows; the second row holds the first row's positive once more, as the negative of its own anchor.
    labels = labels_of([[R]], [[N, R]])
    masked = loss_of(anchors, documents, labels, keys=[7, 7, 9], temperature=0.5, neutral_weight=0.0)
    naive = loss_of(anchors, documents, labels, keys=[1, 2, 3], temperature=0.5, neutral_weight=0.0)
    first, second = info_nce(0.8, [0.0], 0.5), info_nce(1.0, [0.6, 0.6], 0.5)
    assert masked["query_to_doc"].item() == pytest.approx((first + second) / 2, abs=1e-6)
    wrong = info_nce(0.8, [0.8, 0.0], 0.5)
    assert naive["query_to_doc"].item() == pytest.approx((wrong + second) / 2, abs=1e-6)
    assert naive["query_to_doc"] > masked["query_to_doc"] + 0.1


def test_another_row_of_the_same_query_gives_no_negatives() -> None:
    anchors, documents = torch.eye(2), torch.tensor([[0.8, 0.6], [0.6, 0.8]])
    apart = loss_of(anchors, documents, labels_of([[R]], [[R]], groups=[1, 2]), temperature=0.5)
    together = loss_of(anchors, documents, labels_of([[R]], [[R]], groups=[5, 5]), temperature=0.5)
    assert apart["query_to_doc"].item() == pytest.approx(info_nce(0.8, [0.6], 0.5), abs=1e-6)
    assert together["query_to_doc"].item() == pytest.approx(0.0, abs=1e-6)


def test_in_batch_negatives_can_be_switched_off() -> None:
    anchors, documents = torch.eye(2), torch.tensor([[0.8, 0.6], [0.6, 0.8]])
    result = loss_of(anchors, documents, labels_of([[R]], [[R]]), in_batch_negatives=False)
    assert result["query_to_doc"].item() == pytest.approx(0.0, abs=1e-6)


def test_the_term_in_the_set_ignores_other_rows() -> None:
    # The anchor of row 1 wants its first document and not its second; row 2 has one that is nearer than both.
    anchors = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    documents = torch.tensor([[0.6, 0.8], [0.8, 0.6], [1.0, 0.0]])
    labels = labels_of([[R, N]], [[R]])
    result = loss_of(anchors, documents, labels, temperature=0.5, in_set_weight=2.0)
    own = info_nce(0.6, [0.8], 0.5)
    # The second row has no passage to refuse, so it adds nothing to the mean over two anchors.
    assert result["in_set"].item() == pytest.approx(2.0 * own / 2, abs=1e-6)
    assert result["query_to_doc"].item() > own / 2


def test_keeping_the_base_costs_as_much_as_changed() -> None:
    torch.manual_seed(0)
    anchors = torch.nn.functional.normalize(torch.randn(2, 8), dim=1)
    documents = torch.nn.functional.normalize(torch.randn(4, 8), dim=1)
    labels = labels_of([[R, R]], [[R, R]], neutral=[True, True])
    labels = replace(labels, base_anchor=anchors, base_document=documents)
    same = loss_of(anchors, documents, labels, keep_weight=1.0)["keep"].item()
    changed = loss_of(anchors.flip(0), documents, labels, temperature=0.1, keep_weight=1.0)["keep"].item()
    base, ours = (anchors @ documents.T / 0.1).softmax(1), (anchors.flip(0) @ documents.T / 0.1).softmax(1)
    assert same == pytest.approx(0.0, abs=1e-6)
    assert changed == pytest.approx((base * (base / ours).log()).sum(1).mean().item(), abs=1e-5)


def test_keeping_the_documents_costs_as_much_as_they_moved() -> None:
    anchors = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    documents = torch.tensor([[1.0, 0.0], [0.0, 1.0]], requires_grad=True)
    labels = replace(labels_of([[R]], [[R]]), base_document=torch.tensor([[1.0, 0.0], [0.6, 0.8]]))
    result = loss_of(anchors, documents, labels, keep_documents_weight=3.0)["keep_documents"]
    assert result.item() == pytest.approx(3.0 * (0.0 + 0.2) / 2, abs=1e-6)
    result.backward()
    assert documents.grad is not None and documents.grad[1, 0] < 0  # back to where the base has it


def test_keeping_queries_costs_as_much_as_they_moved() -> None:
    kept = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 0.0]], requires_grad=True)
    labels = replace(labels_of([[R]], [[R]]), base_kept=torch.tensor([[1.0, 0.0], [0.6, 0.8], [-1.0, 0.0]]))
    result = loss_of(torch.eye(2), torch.eye(2), labels, queries={"kept": kept}, keep_queries_weight=3.0)
    assert result["keep_queries"].item() == pytest.approx(3.0 * (0.0 + 0.2 + 2.0) / 3, abs=1e-6)
    result["keep_queries"].backward()
    assert kept.grad is not None and kept.grad[1, 0] < 0  # back to where the base has it


def test_composed_queries_are_pulled_to_their_vectors() -> None:
    composed = torch.tensor([[1.0, 0.0], [0.0, 2.0]], requires_grad=True)
    labels = replace(labels_of([[R]], [[R]]), base_composed=torch.tensor([[1.0, 0.0], [0.6, 0.8]]))
    queries = {"composed": composed}
    result = loss_of(torch.eye(2), torch.eye(2), labels, queries=queries, compose_weight=3.0)
    assert result["compose"].item() == pytest.approx(3.0 * (0.0 + 0.2) / 2, abs=1e-6)
    result["compose"].backward()
    assert composed.grad is not None and composed.grad[1, 0] < 0  # towards the composed vector


def test_smaller_embeddings_are_held_to_the_base_cut_to_their_size() -> None:
    labels = replace(labels_of([[R]]), base_document=torch.tensor([[0.6, 0.0, 0.8]]))
    result = loss_of(
        torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]]), labels, keep_documents_weight=1.0
    )
    assert result["keep_documents"].item() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    "option", ["keep_weight", "keep_documents_weight", "keep_queries_weight", "compose_weight"]
)
def test_keeping_the_base_needs_its_embeddings(option: str) -> None:
    labels = labels_of([[R]], [[R]], neutral=[True, True])
    with pytest.raises(InputError, match=f"{option} needs .*"):
        loss_of(torch.eye(2), torch.eye(2), labels, **{option: 1.0})


def test_a_batch_without_neutral_views_has_no_neutral_loss(tiny: SentenceTransformer) -> None:
    result = loss_of(torch.eye(2, requires_grad=True), torch.eye(2), labels_of([[R]], [[R]]))
    assert result["neutral"].item() == 0.0
    sum(result.values()).backward()  # the sum of nothing still has a place in the graph


def test_encoding_in_chunks_changes_neither_loss_nor_order(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]]
) -> None:
    batch = CandidateSetCollator(preprocess_fn=tiny.preprocess)(training_rows[:4])
    features = [
        {key.removeprefix(f"{name}_"): value for key, value in batch.items() if key.startswith(name)}
        for name in ("anchor", "document")
    ]
    whole = DualViewLoss(tiny, chunk_tokens=10**6)(features, batch["label"])
    chunked = DualViewLoss(tiny, chunk_tokens=64)(features, batch["label"])
    for name in whole:
        assert chunked[name].item() == pytest.approx(whole[name].item(), abs=1e-5)


@pytest.mark.parametrize(
    "option",
    ["in_set_weight", "neutral_weight", "doc_to_query_weight", "keep_weight", "keep_documents_weight"],
)
def test_weights_must_not_be_negative(option: str) -> None:
    with pytest.raises(InputError, match=option):
        DualViewLoss(no_model(), **{option: -0.1})


def test_temperature_must_be_positive() -> None:
    with pytest.raises(InputError, match="temperature"):
        DualViewLoss(no_model(), temperature=0.0)


def test_the_configuration_makes_the_same_loss_again() -> None:
    loss = DualViewLoss(no_model(), 0.07, in_batch_negatives=False, neutral_weight=0.3, keep_weight=2.0)
    again = DualViewLoss(no_model(), **loss.get_config_dict())
    assert again.get_config_dict() == loss.get_config_dict()
    assert "2604.18845" in loss.citation


def test_an_anchor_without_a_relevant_document_is_an_error() -> None:
    with pytest.raises(ValueError, match="relevant"):
        labels_of([[N, N]])


def test_columns_are_labelled_by_their_place() -> None:
    labels = column_labels(anchors=3, columns=2)
    assert labels.own_place.tolist() == [[0, 3], [1, 4], [2, 5]]
