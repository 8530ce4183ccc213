"""Recipes of larger encoders, run on tiny ones of their architecture."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sentence_transformers import SentenceTransformer

from dualview.trainer.encoders.sides import is_split
from dualview.trainer.runs.training import train
from dualview.trainer.settings.recipes import read_recipe
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.encoders.base_kinds import make_base

# What names an encoder or belongs to a machine with GPUs.
_OF_THE_MACHINE = (
    *("model", "model_revision", "trust_remote_code", "out"),
    *("torch_compile", "workers", "precision"),
)
_FROZEN = {"query_to_doc", "in_set", "keep_queries", "compose"}
_BOTH = {*_FROZEN, "keep_documents"}


@pytest.mark.parametrize(
    ("name", "kind", "terms"),
    [
        ("mpnet", "mpnet", _FROZEN),
        ("mpnet-both", "mpnet", _BOTH),
        ("modernbert", "modernbert", _BOTH),
        # The encoder's own code is in no package: another one with its pooling.
        ("paper-305m", "cls and normalize", _BOTH),
    ],
)
def test_a_recipe_trains_an_encoder_with_all_its_terms(
    name: str,
    kind: str,
    terms: set[str],
    settings_for: Callable[..., TrainingSettings],
    composition_folder: Path,
    tmp_path: Path,
) -> None:
    recipe = {key: value for key, value in read_recipe(name).items() if key not in _OF_THE_MACHINE}
    small = {"batch_size": 2, "max_steps": 2, "epochs": 0, "evaluations": 1, "max_tokens": 64}
    base = make_base(kind, tmp_path / "base")
    out = tmp_path / "run"
    settings = settings_for(
        **{**recipe, **small, "model": str(base), "dataset": [str(composition_folder)], "out": str(out)}
    )
    model = SentenceTransformer(str(train(settings)), device="cpu")
    assert model.encode_query(["rain, no snow"]).shape == (1, 32)
    assert is_split(model) == settings.frozen_documents
    steps = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    logged = next(step for step in steps if "loss" in step)
    assert terms == {term for term in logged if term in terms | {"neutral", "keep", "doc_to_query"}}
    assert settings.metric == "right_first"
