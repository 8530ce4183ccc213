"""Bases that are stored in half precision: trained in full, saved as asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from torch import nn

from dualview.cards.errors import InputError
from dualview.cards.model_facts import load_facts
from dualview.trainer.encoders.precision import to_full_precision, to_saved_precision
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.encoders.base_kinds import make_base

FAST = {"max_steps": 3, "evaluations": 1, "warmup": 0.0}


def dtypes(folder: Path) -> set[torch.dtype]:
    return {weight.dtype for path in folder.rglob("*.safetensors") for weight in load_file(path).values()}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_steps_too_small_for_half_precision_are_not_lost(
    dtype: torch.dtype, settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base("bert", tmp_path / "base", dtype)
    settings = settings_for(model=str(base), learning_rate=1e-5, save_dtype="float32", **FAST)
    model = train(settings)
    assert dtypes(model) == {torch.float32}
    before, after = load_file(base / "model.safetensors"), load_file(model / "model.safetensors")
    trained = [name for name in after if "layer" in name and "query" in name]
    moved = [float((after[name] != before[name].float()).float().mean()) for name in trained]
    assert trained and min(moved) > 0.5
    assert dtypes(Path(settings.out) / "checkpoints") == {torch.float32}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_model_is_saved_in_the_format_of_its_base_and_says_so(
    dtype: torch.dtype, settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base("dense", tmp_path / "base", dtype)
    formats = {path.name: dtypes(path.parent) for path in base.rglob("*.safetensors")}
    model = train(settings_for(model=str(base), **FAST))
    loaded = SentenceTransformer(str(model), device="cpu")
    assert next(loaded[0].parameters()).dtype == dtype and formats["model.safetensors"] == {dtype}
    assert np.isfinite(loaded.encode_document(["bread"])).all()
    name = str(dtype).removeprefix("torch.")
    assert any("trained in float32" in limit and name in limit for limit in load_facts(model).limits)
    assert "trained in float32" in (model / "README.md").read_text()


def test_a_full_precision_base_needs_no_words(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base("bert", tmp_path / "base")
    model = train(settings_for(model=str(base), **FAST))
    assert dtypes(model) == {torch.float32}
    assert not any("float32" in limit for limit in load_facts(model).limits)
    settings = settings_for(model=str(base), save_dtype="bfloat16", out=str(tmp_path / "half"), **FAST)
    assert dtypes(train(settings)) == {torch.bfloat16}


def test_frozen_passages_of_a_half_precision_base_keep_their_vectors(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base("cls and normalize", tmp_path / "base", torch.bfloat16)
    model = train(settings_for(model=str(base), frozen_documents=True, **FAST))
    before, after = (SentenceTransformer(str(path), device="cpu") for path in (base, model))
    np.testing.assert_allclose(
        after.encode_document(["bread"]), before.encode_document(["bread"]), atol=1e-6, rtol=0
    )
    with pytest.raises(InputError, match="save_dtype: with frozen_documents"):
        train(
            settings_for(
                model=str(base), frozen_documents=True, save_dtype="float32", out=str(tmp_path / "other")
            )
        )


def test_each_weight_goes_back_to_its_own_format() -> None:
    model = nn.Sequential(nn.Linear(2, 2).half(), nn.Linear(2, 2))
    stored = to_full_precision(model)
    assert stored.names == "float16 and float32" and model[0].weight.dtype == torch.float32
    to_saved_precision(model, stored, "")
    assert [layer.weight.dtype for layer in model] == [torch.float16, torch.float32]
