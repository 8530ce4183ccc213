"""The listwise loss: its terms by hand, and scores in any chunks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from sentence_transformers import CrossEncoder

from dualview.trainer.encoders.embedding import text_lengths
from dualview.trainer.losses.labels import Relation
from dualview.trainer.reranker.lists import ListLabels
from dualview.trainer.reranker.loss import ListwiseLoss, score_pairs

R, N, U, C, X = (
    Relation.RELEVANT,
    Relation.NEGATIVE,
    Relation.UNLABELLED,
    Relation.OTHER_ROW,
    Relation.NO_DOCUMENT,
)


def labels_of(relation: list[list[int]], rows: list[int], neutral: list[bool]) -> ListLabels:
    values = torch.tensor(relation, dtype=torch.int8)
    read = torch.isin(values, torch.tensor([R, N, C]))
    place = (read.flatten().cumsum(0) - 1).view_as(values).clamp(min=0) * read
    ids = tuple(f"q{number}" for number in range(max(rows) + 1))
    return ListLabels(values, place, torch.tensor(neutral), torch.tensor(rows), ids)


def components(scores: torch.Tensor, labels: ListLabels, **weights: float) -> dict[str, torch.Tensor]:
    return ListwiseLoss(torch.nn.Identity(), weights).compute_loss_from_scores(scores, labels)  # type: ignore[arg-type]


TWO_VIEWS = [[R, N, C], [N, R, C], [R, R, C]]
SCORES = [2.0, 1.0, -1.0, 0.5, 0.0, -2.0, 1.0, 3.0, 0.0]


def cross_entropy(wanted: float, others: list[float]) -> float:
    return float(torch.tensor([wanted, *others]).logsumexp(0)) - wanted


def test_each_term_by_hand() -> None:
    labels = labels_of(TWO_VIEWS, [0, 0, 0], [False, False, True])
    terms = components(
        torch.tensor(SCORES), labels, in_set=2.0, neutral=0.5, doc_to_query=1.0, pointwise=0.25
    )
    both = cross_entropy(2, [1, -1]) + cross_entropy(0, [0.5, -2])
    assert terms["list"].item() == pytest.approx(both / 2, abs=1e-5)
    own = cross_entropy(2, [1]) + cross_entropy(0, [0.5])
    assert terms["in_set"].item() == pytest.approx(2 * own / 2, abs=1e-5)
    bare = (cross_entropy(1, [0]) + cross_entropy(3, [0])) / 2
    assert terms["neutral"].item() == pytest.approx(0.5 * bare, abs=1e-5)
    across = cross_entropy(2, [0.5]) + cross_entropy(0, [1])
    assert terms["doc_to_query"].item() == pytest.approx(across / 2, abs=1e-5)
    relevant, other = torch.tensor([2.0, 0.0, 1.0, 3.0]), torch.tensor([1.0, -1.0, 0.5, -2.0, 0.0])
    entropy = torch.nn.functional.softplus
    pairs = (entropy(-relevant).mean() + entropy(other).mean()) / 2
    assert terms["pointwise"].item() == pytest.approx(0.25 * pairs.item(), abs=1e-5)


def test_what_was_not_read_counts_for_nothing_and_all_gradients_are_numbers() -> None:
    labels = labels_of([[R, N, U, C], [N, R, C, X]], [0, 1], [False, False])
    scores = torch.tensor([2.0, 1.0, -1.0, 0.5, 0.0, -2.0], requires_grad=True)
    terms = components(scores, labels, in_set=1.0, neutral=1.0, doc_to_query=1.0, pointwise=1.0)
    assert terms["neutral"].item() == terms["doc_to_query"].item() == 0.0
    wanted = (cross_entropy(2, [1, -1]) + cross_entropy(0, [0.5, -2])) / 2
    assert terms["list"].item() == pytest.approx(wanted, abs=1e-5)
    sum(terms.values()).backward()  # type: ignore[union-attr]
    assert scores.grad is not None and scores.grad.isfinite().all() and (scores.grad != 0).all()


def test_a_weight_of_zero_switches_a_term_off() -> None:
    loss = ListwiseLoss(torch.nn.Identity(), {"in_set": 0.0, "pointwise": 0.5})  # type: ignore[arg-type]
    assert loss.get_config_dict() == {"list_weight": 1.0, "pointwise_weight": 0.5}
    assert "Listwise" in loss.citation


@pytest.mark.parametrize("chunk_tokens", [1, 40, 10**6])
def test_scores_are_those_of_predict_in_any_chunks(tiny_path: Path, chunk_tokens: int) -> None:
    torch.manual_seed(0)
    model = CrossEncoder(str(tiny_path), num_labels=1, device="cpu", max_length=64).eval()
    pairs = [
        ("a query", "short"),
        ("a query", "one that is quite a bit longer than the other"),
        ("b", "c d e"),
    ]
    features: dict[str, Any] = model.preprocess(pairs)
    features["lengths"] = text_lengths(features)
    with torch.no_grad():
        ours = score_pairs(model, features, chunk_tokens)
    wanted = model.predict(pairs, activation_fn=torch.nn.Identity(), convert_to_tensor=True)
    torch.testing.assert_close(ours, wanted, atol=1e-5, rtol=1e-4)
