"""Averaging with the base model moves what was trained, and nothing else."""

from __future__ import annotations

import copy

import pytest
import torch
from sentence_transformers import SentenceTransformer

from dualview.trainer.encoders.averaging import average_with_base
from dualview.trainer.encoders.sides import modules_of, split_sides
from dualview.trainer.evaluation.rankers.text_encoder import model_key


@pytest.mark.parametrize("base_share", [0.0, 0.25, 1.0])
def test_passages_that_were_not_trained_keep_the_key_of_their_vectors(
    tiny: SentenceTransformer, base_share: float
) -> None:
    with torch.no_grad():
        next(tiny.parameters()).view(-1)[0] = -0.0
        base, trained = split_sides(copy.deepcopy(tiny)), split_sides(tiny)
        for weight in modules_of(trained, "query").parameters():
            weight += 0.5
    queries = model_key(trained, "query")
    average_with_base(trained, base, base_share)
    assert model_key(trained, "document") == model_key(base, "document")
    assert (model_key(trained, "query") == queries) == (base_share == 0)
    assert (model_key(trained, "query") == model_key(base, "query")) == (base_share == 1)
