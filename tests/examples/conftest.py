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
def exported(minilm: SentenceTransformer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A query encoder that differs from the base model, with ONNX files where they can be written.

    The model that it was exported from lies beside it, as ``model``.
    """
    model = split_sides(copy.deepcopy(minilm))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weights in model[0].sub_modules["query"].parameters():
            weights.add_(0.05 * weights.std(correction=0) * torch.randn(weights.shape, generator=generator))
    folder = tmp_path_factory.mktemp("served")
    model.save_pretrained(str(folder / "model"), create_model_card=False)
    try:
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError:
        return export(folder / "model", folder / "query").path
    return export(folder / "model", folder / "query", onnx=True).path
