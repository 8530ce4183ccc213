"""The query side as an ordinary SentenceTransformer: the same vectors, loaded without this project."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from transformers import AutoModel

from dualview.cards.errors import InputError
from dualview.cli import main
from dualview.trainer.encoders.models import CONFIG_FILE, TEMPLATE_KEY
from dualview.trainer.encoders.sides import split_sides
from dualview.trainer.serving import exporting
from dualview.trainer.serving.exporting import export

QUERIES = ["sourdough without a scale", "only what is for beginners"]


@pytest.fixture
def two_sided(tiny: SentenceTransformer, tmp_path: Path) -> Path:
    """A model whose query side was changed, with a prompt before queries."""
    tiny.prompts = {"query": "search: "}
    model = split_sides(tiny)
    with torch.no_grad():
        for parameter in model[0].sub_modules["query"].parameters():
            parameter.add_(0.01 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(0)))
    model.save_pretrained(str(tmp_path / "model"))
    config = tmp_path / "model" / CONFIG_FILE
    config.write_text(json.dumps({**json.loads(config.read_text()), TEMPLATE_KEY: "{query} | {instruction}"}))
    return tmp_path / "model"


def test_encode_gives_the_vectors_of_encode_query(two_sided: Path, tmp_path: Path) -> None:
    exported = export(two_sided, tmp_path / "query")
    assert exported.lowest_cosine > 0.9999 and str(exported.path) in str(exported)
    loaded = SentenceTransformer(str(exported.path), device="cpu")
    trained = SentenceTransformer(str(two_sided), device="cpu")
    torch.testing.assert_close(
        torch.as_tensor(loaded.encode(QUERIES)), torch.as_tensor(trained.encode_query(QUERIES))
    )
    assert not torch.allclose(
        torch.as_tensor(loaded.encode(QUERIES)), torch.as_tensor(trained.encode_document(QUERIES)), atol=1e-3
    )


def test_half_precision_is_stored_and_compared(two_sided: Path, tmp_path: Path) -> None:
    exported = export(two_sided, tmp_path / "half", dtype="float16")
    assert exported.lowest_cosine > 0.999
    assert {weights.dtype for weights in load_file(exported.path / "model.safetensors").values()} == {
        torch.float16
    }


def test_transformers_finds_the_encoder_at_the_root(two_sided: Path, tmp_path: Path) -> None:
    folder = export(two_sided, tmp_path / "query").path
    assert AutoModel.from_pretrained(str(folder)).config.hidden_size == 32
    assert json.loads((folder / CONFIG_FILE).read_text())[TEMPLATE_KEY] == "{query} | {instruction}"


def test_nothing_beside_the_export_is_removed(two_sided: Path, tmp_path: Path) -> None:
    own = tmp_path / f".query-{os.getpid()}"
    own.mkdir()
    (own / "precious.txt").write_text("precious")
    export(two_sided, tmp_path / "query")
    assert (own / "precious.txt").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == [own.name, "model", "query"]


def test_a_model_of_one_encoder_is_written_as_it_is(tiny: SentenceTransformer, tmp_path: Path) -> None:
    tiny.save_pretrained(str(tmp_path / "model"))
    assert export(tmp_path / "model", tmp_path / "query").lowest_cosine > 0.9999


def test_the_command(two_sided: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "query"
    assert main(["export", str(two_sided), "--out", str(out)]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{out}\n" and "lowest cosine 1.0000" in shown.err
    assert main(["export", str(two_sided), "--out", str(out)]) == 2
    assert "already exists; give an empty or a new folder" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "none"), "--out", str(tmp_path / "x")]) == 2


def test_vectors_that_differ_are_not_written(two_sided: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(exporting, "lowest_cosine", lambda *_: 0.5)
    with pytest.raises(InputError, match=r"lowest cosine 0\.5000.; nothing was written"):
        export(two_sided, tmp_path / "query")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_vectors_are_compared_on_some_queries(two_sided: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no queries to compare"):
        export(two_sided, tmp_path / "query", queries=())
    assert not (tmp_path / "query").exists()
