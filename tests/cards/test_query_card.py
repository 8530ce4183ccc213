"""The card of an exported query encoder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from dualview.cards.errors import CardError
from dualview.cards.model_facts import ModelFacts
from dualview.cards.query_card import (
    QUERY_FACTS_FILE,
    OnnxFile,
    OnnxLoss,
    QueryFacts,
    load_query_facts,
    save_query_facts,
    write_plain_query_card,
    write_query_card,
)

LOSSES = (OnnxLoss("own", "test", "flip_accuracy", 0.515, 0.511),)
FILES = (OnnxFile("onnx/model.onnx", 91.2, 1.0), OnnxFile("onnx/model_qint8.onnx", 23.1, 0.9831, LOSSES))


def test_golden(tmp_path: Path, model_facts: ModelFacts, golden: Callable[[str, str], None]) -> None:
    path = write_query_card(tmp_path, QueryFacts(model_facts, (replace(FILES[0], losses=LOSSES), FILES[1])))
    golden("query_card.md", path.read_text(encoding="utf-8"))


def test_facts_read_back(tmp_path: Path, model_facts: ModelFacts) -> None:
    facts = QueryFacts(model_facts, FILES, "org/x-query")
    save_query_facts(tmp_path, facts)
    assert load_query_facts(tmp_path) == facts
    stored = json.loads((tmp_path / QUERY_FACTS_FILE).read_text())
    (tmp_path / QUERY_FACTS_FILE).write_text(json.dumps({**stored, "files": [{"path": "x"}]}))
    with pytest.raises(CardError, match="export the model again"):
        load_query_facts(tmp_path)


def test_the_metadata_leads_to_the_model(tmp_path: Path, model_facts: ModelFacts) -> None:
    facts = QueryFacts(replace(model_facts, model_name="org/m"), name="org/m-query")
    data = ModelCard.load(write_query_card(tmp_path, facts)).data
    assert data.base_model == "org/m" and "dual-view" in data.tags and data.license == "apache-2.0"
    assert "ONNX" not in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_passages_of_a_model_of_one_encoder_are_its_own(tmp_path: Path, model_facts: ModelFacts) -> None:
    one = replace(model_facts, model_name="org/m", hyperparameters={})
    two = replace(one, hyperparameters={"frozen_documents": True})
    for facts, passages in ((one, "org/m"), (two, one.base_model)):
        card = write_query_card(tmp_path, QueryFacts(facts)).read_text(encoding="utf-8")
        assert f'passages = SentenceTransformer("{passages}")' in card
        assert ("an index of its vectors needs no change" in card) == facts.keeps_passages


def test_a_text_by_hand_stays(tmp_path: Path, model_facts: ModelFacts) -> None:
    path = write_query_card(tmp_path, QueryFacts(model_facts))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("<!-- by hand -->\n", "<!-- by hand -->\nMine.\n"), encoding="utf-8")
    assert "\nMine.\n" in write_query_card(tmp_path, QueryFacts(model_facts)).read_text(encoding="utf-8")


def test_hostile_text_is_escaped(tmp_path: Path, model_facts: ModelFacts) -> None:
    hostile = replace(model_facts, model_name="<b>x</b>\n# y", license="<script>")
    card = write_query_card(tmp_path, QueryFacts(hostile)).read_text(encoding="utf-8").split("\n---\n", 1)[1]
    assert "# &#60;b" in card and "<script>" not in card and "\n# y" not in card


def test_a_model_without_facts_has_a_card_too(tmp_path: Path) -> None:
    assert ModelCard.load(write_plain_query_card(tmp_path)).data.library_name == "sentence-transformers"
