"""A trained model's query encoder, exported."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from sentence_transformers import SentenceTransformer

from dualview.trainer.encoders.sides import split_sides
from dualview.trainer.serving.exporting import export


@pytest.fixture(scope="session")
def trained(minilm: SentenceTransformer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two encoders whose query encoder differs from the base model."""
    model = split_sides(copy.deepcopy(minilm))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weights in model[0].sub_modules["query"].parameters():
            weights.add_(0.05 * weights.std(correction=0) * torch.randn(weights.shape, generator=generator))
    folder = tmp_path_factory.mktemp("trained") / "model"
    model.save_pretrained(str(folder), create_model_card=False)
    return folder


@pytest.fixture(scope="session")
def exported(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its query encoder, exported, with ONNX files where they can be written."""
    folder = tmp_path_factory.mktemp("served") / "query"
    try:
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError:
        return export(trained, folder).path
    return export(trained, folder, onnx=True).path
