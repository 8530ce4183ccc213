"""Recording of results, with a reranker beside the models, and what the page makes of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType

import pytest
from flip import record
from flip.html.scoreboard import scoreboard_html
from flip.text.examples import SHIPPED, load_shipped
from flip.types import Example
from flip_visiting import BASE
from sentence_transformers import CrossEncoder

EXAMPLES = 6


@pytest.fixture(scope="module")
def reranker(minilm_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random CrossEncoder on disk, with MiniLM's tokenizer."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    folder = tmp_path_factory.mktemp("rerankers") / "small"
    BertForSequenceClassification(BertConfig(**sizes, num_labels=1)).save_pretrained(folder)
    AutoTokenizer.from_pretrained(minilm_path).save_pretrained(folder)
    return folder


def followed(example: Example, model: CrossEncoder) -> bool:
    """Rank with the reranker's own method, one view at a time."""
    found = []
    for view in example.views:
        ranked = model.rank(f"{example.query} {view.instruction}", [one.joined for one in example.passages])
        found.append(example.passages[ranked[0]["corpus_id"]].docid == view.wanted)
    return all(found)


def test_the_scoreboard_counts_the_reranker_beside_the_models(
    app: ModuleType, reranker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A random model follows few, so that some of which it follows one or none are taken.
    model, shipped = CrossEncoder(str(reranker)), load_shipped(SHIPPED)
    right = next(one for one in shipped if followed(one, model))
    examples = [right, *[one for one in shipped if one is not right][: EXAMPLES - 1]]
    expected = sum(followed(one, model) for one in examples)
    out = tmp_path / "recorded.json"
    monkeypatch.setattr(record, "load_shipped", lambda path: examples)
    assert record.main(["--model", BASE, "--base", BASE, "--reranker", str(reranker), "--out", str(out)]) == 0
    content = json.loads(out.read_text())
    assert sum(row["reranked"] for row in content["results"].values()) == expected >= 1

    monkeypatch.setattr(app, "RECORDED", out)
    monkeypatch.setattr(app, "load_examples", lambda dataset: examples)
    told = re.sub(r"<[^>]+>", "", scoreboard_html(app.build(BASE, BASE, None).results.tally()))
    assert f"followed in {EXAMPLES} held-out examples" in told
    assert f", a reranker {expected} recorded" in told


def test_a_reranker_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "recorded.json"
    given = ["--model", BASE, "--base", BASE, "--reranker", str(tmp_path / "none"), "--out", str(out)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "load_shipped", lambda path: load_shipped(SHIPPED)[:1])
        assert record.main(given) == 2
    assert "no model folder" in capsys.readouterr().err
    assert not out.exists()
