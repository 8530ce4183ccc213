"""Base models of many kinds: trained right, or refused in a line; frozen passages stay where they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.encoders.models import load_model
from dualview.trainer.encoders.sides import modules_of
from dualview.trainer.evaluation.api import evaluate
from dualview.trainer.evaluation.rankers.text_encoder import model_key
from dualview.trainer.runs.training import train
from dualview.trainer.serving.exporting import export
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.encoders.base_kinds import KINDS, make_base

SHORT = "Feed the jar with rye every morning."
LONG = " ".join(f"Sentence {i} speaks of bread and of jar number {i * 37 % 101}." for i in range(60))
REFUSED = {"router of passages": "routes query, passage", "static": "StaticEmbedding encodes words"}
TRAINED = sorted(set(KINDS) - set(REFUSED))
FAST = {"max_steps": 2, "warmup": 0.0, "evaluations": 0, "learning_rate": 1e-2}


def padding_model(folder: Path) -> SentenceTransformer:
    """Load a model, with a padding token where it has none."""
    model = load_model(str(folder), device="cpu")
    model.tokenizer.pad_token = model.tokenizer.pad_token or model.tokenizer.eos_token
    return model


@pytest.mark.parametrize("kind", TRAINED)
def test_frozen_passages_of_any_length_keep_the_base_models_vectors(
    kind: str, settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base(kind, tmp_path / "base")
    settings = settings_for(model=str(base), frozen_documents=True, **FAST)
    before, after = (padding_model(path) for path in (base, train(settings)))
    for text in (SHORT, LONG):
        np.testing.assert_allclose(
            after.encode_document([text]), before.encode_document([text]), atol=1e-6, rtol=0
        )
    assert abs(after.encode_query([SHORT]) - before.encode_query([SHORT])).max() > 1e-4


@pytest.mark.parametrize(
    "changes",
    [
        {"base_share": 0.5, "frozen_layers": 0},
        {"query_prompt": "find: ", "layer_decay": 0.5},
        {"precision": "bf16", "matryoshka_dims": [8], "dropout": 0.3},
        {"corpus_negatives": 5, "keep_queries_weight": 1.0, "attn_implementation": "packed"},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_no_setting_moves_frozen_passages(
    changes: dict[str, Any], settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base("router and dense" if "dropout" in changes else "bert", tmp_path / "base")
    settings = settings_for(model=str(base), frozen_documents=True, **FAST, **changes)
    before, after = (padding_model(path) for path in (base, train(settings)))
    for text in (SHORT, LONG):
        np.testing.assert_allclose(
            after.encode_document([text]), before.encode_document([text]), atol=1e-6, rtol=0
        )


@pytest.mark.parametrize(("kind", "frozen"), [("bert", True), ("router", False)])
def test_adapters_in_one_of_two_encoders_are_refused_before_training(
    kind: str, frozen: bool, settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base(kind, tmp_path / "base")
    with pytest.raises(InputError, match="lora_rank: queries and passages have an encoder each"):
        train(settings_for(model=str(base), frozen_documents=frozen, lora_rank=2, **FAST))


@pytest.mark.parametrize("kind", TRAINED)
def test_every_kind_trains_and_loads(
    kind: str, settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base(kind, tmp_path / "base")
    trained = SentenceTransformer(str(train(settings_for(model=str(base), **FAST))), device="cpu")
    untrained = padding_model(base)
    vectors = trained.encode_document([SHORT, LONG])
    assert np.isfinite(vectors).all()
    assert abs(vectors[0] - untrained.encode_document([SHORT])[0]).max() > 1e-4


@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_what_cannot_be_trained_is_refused_in_a_line(
    kind: str, settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base(kind, tmp_path / "base")
    with pytest.raises(InputError, match=REFUSED[kind]) as caught:
        train(settings_for(model=str(base)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changes", [{"document_prompt": "passage: "}, {"pooling": "cls"}], ids=lambda changes: "-".join(changes)
)
def test_what_would_change_frozen_passages_is_refused(
    settings_for: Callable[..., TrainingSettings], changes: dict[str, Any], tmp_path: Path
) -> None:
    base = make_base("bert", tmp_path / "base")
    with pytest.raises(InputError, match="passages keep the base model's vectors"):
        train(settings_for(model=str(base), frozen_documents=True, **FAST, **changes))
    assert train(settings_for(model=str(base), **FAST, **changes)).is_dir()


def test_more_tokens_than_positions_are_refused(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base("roberta", tmp_path / "base")
    with pytest.raises(InputError, match="reads at most 512 tokens"):
        train(settings_for(model=str(base), max_tokens=513))


def test_a_shared_layer_behind_the_routes_belongs_to_both_sides(tmp_path: Path) -> None:
    model = SentenceTransformer(str(make_base("router and dense", tmp_path / "base")), device="cpu")
    before = model_key(model, "document")
    assert len(list(modules_of(model, "document").children())) == 4
    model[1].linear.weight.data.add_(1)
    assert model_key(model, "document") != before


@pytest.mark.slow
@pytest.mark.parametrize("stored", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("kind", TRAINED)
def test_every_kind_goes_the_whole_road(
    kind: str, stored: str, settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base(kind, tmp_path / "base", getattr(torch, stored))
    settings = settings_for(model=str(base), frozen_documents=True, **FAST)
    folder = train(settings)
    measured = evaluate(str(folder), settings.dataset[0], baseline=str(base), split="validation")
    assert measured.figures and "right within the set" in str(measured)
    exported = export(folder, tmp_path / "query")
    assert exported.lowest_cosine > 0.9999
