"""Training writes the query side beside a model of two encoders, and old names into every model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from sentence_transformers import SentenceTransformer

from dualview.cards.query_card import load_query_facts
from dualview.trainer.encoders.models import stored_template
from dualview.trainer.runs.training import train

QUERIES = ["sourdough without a scale", "only what is for beginners"]
TEMPLATE = "{query} | {instruction}"


@pytest.mark.parametrize("frozen", [True, False])
def test_the_folder_of_a_trained_model(
    settings_for: Callable[..., Any], tmp_path: Path, frozen: bool
) -> None:
    settings = replace(
        settings_for(max_steps=2), frozen_documents=frozen, template=TEMPLATE, query_prompt="search: "
    )
    folder = train(replace(settings, out=str(tmp_path / "run")))
    modules = json.loads((folder / "modules.json").read_text())
    assert all(module["type"].startswith("sentence_transformers.models.") for module in modules)
    assert (folder / "query").is_dir() == frozen
    if not frozen:
        return
    trained = SentenceTransformer(str(folder), device="cpu")
    query = SentenceTransformer(str(folder / "query"), device="cpu")
    torch.testing.assert_close(
        torch.as_tensor(query.encode(QUERIES)), torch.as_tensor(trained.encode_query(QUERIES))
    )
    assert stored_template(folder / "query") == TEMPLATE
    assert load_query_facts(folder / "query").model.keeps_passages
    assert "# " in (folder / "query" / "README.md").read_text()
