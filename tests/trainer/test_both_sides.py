"""Training both sides as the recipe minilm-both does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from dualview.trainer.data.training_data import load_training_data
from dualview.trainer.encoders.sides import is_split
from dualview.trainer.runs.training import train
from dualview.trainer.settings.recipes import read_recipe
from dualview.trainer.settings.training import TrainingSettings


@pytest.fixture
def both(settings_for: Callable[..., TrainingSettings], composition_folder: Path) -> Callable[..., Any]:
    """Settings of the recipe, for a short run on the tiny encoder."""
    recipe = read_recipe("minilm-both")
    for name in ("model", "model_revision", "out", "max_tokens", "epochs", "learning_rate"):
        del recipe[name]

    def make(**changes: Any) -> TrainingSettings:
        ours = {"dataset": [str(composition_folder)], "max_steps": 8, "evaluations": 1}
        return settings_for(**{**recipe, **ours, **changes})

    return make


def test_all_views_of_a_set_are_one_row(both: Callable[..., TrainingSettings]) -> None:
    settings = both()
    rows = load_training_data(settings).rows["dual_view"]
    assert len(set(rows["query_id"])) == len(rows)
    assert settings.keeps_base and not settings.frozen_documents


def test_passages_move_and_are_held(
    both: Callable[..., TrainingSettings], tiny_path: Path, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    passages = [row["positive"]["text"] for row in rows[:20]]
    base = SentenceTransformer(str(tiny_path), device="cpu").encode_document(
        passages, normalize_embeddings=True
    )

    def moved(weight: float) -> float:
        out = tmp_path / f"held-{weight}"
        model = SentenceTransformer(
            str(train(both(keep_documents_weight=weight, out=str(out)))), device="cpu"
        )
        assert not is_split(model)
        entries = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
        steps = [entry for entry in entries if "loss" in entry]
        assert {"query_to_doc", "in_set", "keep_queries", "compose"} <= set(steps[0])
        assert ("keep_documents" in steps[0]) == (weight > 0)
        vectors = model.encode_document(passages, normalize_embeddings=True)
        return float(1 - np.sum(base * vectors, axis=1).mean())

    assert 0 < moved(100.0) < moved(0.0) / 2
