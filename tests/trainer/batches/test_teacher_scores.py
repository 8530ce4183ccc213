"""A reranker's scores of the training rows, and the term that copies them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder

from dualview.cards.errors import InputError
from dualview.trainer.batches.teacher_scores import teacher_scores
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.losses.labels import Relation, join_blocks
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings

Settings = Callable[..., TrainingSettings]
ROW = {
    "query": "bicycle",
    "instructions": ["its history", "its price"],
    "passages": ["It was invented in 1890.", "It costs 2,000 euros."],
    "relevant": [[0], [1]],
    "hard_negatives": ["A tandem seats two."],
}


@pytest.fixture(scope="module")
def teacher(tiny_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reranker with a head that was drawn at random."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("teacher")
    CrossEncoder(str(tiny_path), num_labels=1, device="cpu").save_pretrained(str(folder))
    return folder


def test_scores_are_those_of_the_reranker(teacher: Path, tmp_path: Path) -> None:
    texts = [*ROW["passages"], *ROW["hard_negatives"]]
    found = teacher_scores(str(teacher), [ROW], tmp_path, max_negatives=30)
    pairs = [(f"bicycle {instruction}", text) for instruction in ROW["instructions"] for text in texts]
    expected = CrossEncoder(str(teacher), device="cpu").predict(pairs).reshape(2, 3)
    np.testing.assert_allclose(found.of("bicycle", ROW["instructions"], texts), expected, atol=1e-5)
    with pytest.raises(InputError, match="has not scored"):
        found.of("bicycle", ["its weight"], texts)


def test_what_was_scored_is_not_scored_again(
    teacher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher_scores(str(teacher), [{**ROW, "hard_negatives": []}], tmp_path, max_negatives=30)
    (file,) = tmp_path.glob("*.bin")
    with file.open("ab") as stored:
        stored.write(b"half")  # what a kill leaves
    asked: list[Any] = []
    predict = CrossEncoder.predict
    monkeypatch.setattr(
        CrossEncoder,
        "predict",
        lambda self, pairs, **more: (asked.extend(pairs), predict(self, pairs, **more))[1],
    )
    found = teacher_scores(str(teacher), [ROW], tmp_path, max_negatives=30)
    assert [text for _, text in asked] == ROW["hard_negatives"] * 2
    assert file.stat().st_size == 6 * 12
    assert found.of("bicycle", ROW["instructions"], ROW["passages"]).shape == (2, 2)


def test_the_term_is_the_divergence_from_the_reranker() -> None:
    blocks = [
        torch.tensor([[1, 2], [2, 1]], dtype=torch.int8),
        torch.tensor([[1, 2, 2], [1, 1, 1]], dtype=torch.int8),
    ]
    scores = [torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0, 3.0], [0.0, 0.0, 0.0]])]
    labels = join_blocks(blocks, [0, 1], [False, False, False, True], teacher=scores)
    torch.manual_seed(0)
    anchors, documents = torch.randn(4, 8), torch.randn(5, 8)
    loss = DualViewLoss(torch.nn.Identity(), 0.5, distil_weight=2.0)  # type: ignore[arg-type]
    found = loss.compute_loss_from_embeddings(anchors, documents, labels, torch.arange(5))["distil"]
    cosines = torch.nn.functional.cosine_similarity(anchors[:, None], documents[None], dim=2) / 0.5
    values = []
    for anchor, own, row in (
        (0, slice(0, 2), scores[0][0]),
        (1, slice(0, 2), scores[0][1]),
        (2, slice(2, 5), scores[1][0]),
    ):
        target, ours = row.softmax(0), cosines[anchor, own].softmax(0)
        values.append((target * (target / ours).log()).sum())
    assert found == pytest.approx(2 * float(torch.stack(values).mean()), rel=1e-5)


def test_labels_without_scores_are_an_error() -> None:
    labels = join_blocks([torch.tensor([[int(Relation.RELEVANT)]], dtype=torch.int8)], [0], [False])
    loss = DualViewLoss(torch.nn.Identity(), distil_weight=1.0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="reranker's scores"):
        loss.compute_loss_from_embeddings(torch.eye(1), torch.eye(1), labels, torch.arange(1))


def test_a_run_copies_a_reranker(teacher: Path, settings_for: Settings, tmp_path: Path) -> None:
    settings = settings_for(
        teacher=str(teacher), distil_weight=1.0, max_steps=3, logging_steps=1, out=str(tmp_path / "run")
    )
    train(settings)
    entries = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert all(entry["distil"] > 0 for entry in entries if "loss" in entry)


def test_teacher_and_weight_need_each_other(settings_for: Settings) -> None:
    for given in ({"teacher": "x"}, {"distil_weight": 1.0}):
        with pytest.raises(InputError, match="distil_weight and teacher need each other"):
            settings_for(**given)
