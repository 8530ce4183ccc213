"""Exported encoders in the place of models: the same vectors, without PyTorch, and only where they fit."""

from __future__ import annotations

import copy
import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from flip.engine.device import load
from flip.engine.models import Encoder
from flip.engine.pool import ModelPool
from flip.exported.model import ExportedModel, find_exported
from flip.exported.side import ONNX, is_exported
from flip.exported.weights import same_weights
from flip_visiting import SPACE
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router

TEXTS = [
    "How it began\nThe first patents.",
    "  spaced  \n",
    "漢字 ünï",
    "word " * 400,
    "",
    "a",
    "b",
    "c",
    "d",
]
QUERIES = ["electric bicycle The price, not the history.", "x"]


@dataclass(frozen=True)
class Models:
    """Folders of a base and of a model whose queries' encoder differs from it; both were exported."""

    base: Path
    trained: Path

    def copied(self, folder: Path) -> Models:
        """Return copies that a test may change."""
        for one in (self.base, self.trained):
            shutil.copytree(one, folder / one.name)
        return Models(folder / self.base.name, folder / self.trained.name)


@pytest.fixture(scope="module")
def models(minilm: SentenceTransformer, tmp_path_factory: pytest.TempPathFactory) -> Models:
    """A BERT of one small layer with MiniLM's tokenizer, so that the export takes a second."""
    for package in ("onnx", "onnxruntime", "onnxscript"):
        pytest.importorskip(package)
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import BertConfig, BertModel

    from dualview.trainer.serving.exporting import export

    folder = tmp_path_factory.mktemp("exported")
    small = copy.deepcopy(minilm)
    config = BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64)
    small[0].model, small[1] = BertModel(config).eval(), Pooling(32)
    small.save_pretrained(str(folder / "plain"), create_model_card=False)
    export(folder / "plain", folder / "base", QUERIES, onnx=True)
    queries = copy.deepcopy(small)
    queries.transformers_model.embeddings.word_embeddings.weight.data.mul_(1.5)
    router = Router.for_query_document(list(queries), list(small), default_route=None, allow_empty_key=False)
    split = SentenceTransformer(modules=[router], device="cpu", prompts=minilm.prompts)
    split.save_pretrained(str(folder / "trained"), create_model_card=False)
    export(folder / "trained", folder / "query", QUERIES, onnx=True)
    shutil.move(folder / "query", folder / "trained" / "query")
    return Models(folder / "base", folder / "trained")


def test_vectors_and_cuts_are_those_of_the_models(models: Models) -> None:
    pool = ModelPool(str(models.base), str(models.trained), None)
    for encoder, folder in ((pool.base, models.base), (pool.trained, models.trained)):
        model = load(str(folder))
        for texts, side, encode in (
            (TEXTS, "passage", model.encode_document),
            (QUERIES, "query", model.encode_query),
        ):
            found = encoder.encode(texts, side)
            np.testing.assert_allclose(found, encode(texts, normalize_embeddings=True), atol=1e-5)
        assert isinstance(encoder._model, ExportedModel)
        assert encoder.cuts(TEXTS) == Encoder(str(folder)).cuts(TEXTS)
    of_base, of_trained = (one.encode(QUERIES, "query") for one in (pool.base, pool.trained))
    assert np.abs(of_base - of_trained).max() > 1e-3


def test_passages_are_encoded_once_for_both(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ModelPool(str(models.base), str(models.trained), None)
    expected = pool.base.encode(TEXTS, "passage")
    monkeypatch.setattr(ExportedModel, "encode", None)
    np.testing.assert_array_equal(pool.trained.encode(TEXTS, "passage"), expected)


def test_prompts_are_put_before_the_texts(models: Models, tmp_path: Path) -> None:
    ours = models.copied(tmp_path)
    config = ours.base / "config_sentence_transformers.json"
    text = config.read_text().replace('"query": ""', '"query": "ask: "')
    assert text != config.read_text()
    config.write_text(text)
    pool = ModelPool(str(ours.base), str(ours.base), None)
    expected = load(str(ours.base)).encode_query(QUERIES, normalize_embeddings=True)
    found = pool.base.encode(QUERIES, "query")
    assert isinstance(pool.base._model, ExportedModel)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_pytorch_is_not_loaded(models: Models) -> None:
    code = (
        "import sys\n"
        "from flip.engine.pool import ModelPool\n"
        "pool = ModelPool(*sys.argv[1:], None)\n"
        "assert pool.trained.encode(['x'], 'query').shape == (1, 32)\n"
        "assert pool.base.cuts(['x'])[1] == [None]\n"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-c", code, str(models.base), str(models.trained)]
    subprocess.run(command, cwd=SPACE, check=True, timeout=120)


def _other_passages(ours: Models) -> None:
    shutil.copy(ours.trained / "query/model.safetensors", ours.trained / "document_0_Transformer")


def _retrained(ours: Models) -> None:
    shutil.copy(ours.base / "model.safetensors", ours.trained / "query_0_Transformer")


def _no_export_of_the_base(ours: Models) -> None:
    (ours.base / ONNX).unlink()


def _no_export_of_queries(ours: Models) -> None:
    shutil.rmtree(ours.trained / "query")


def _other_pooling(ours: Models) -> None:
    path = ours.base / "1_Pooling/config.json"
    path.write_text('{"word_embedding_dimension": 32, "pooling_mode_cls_token": true}')


@pytest.mark.parametrize(
    "change",
    [_other_passages, _retrained, _no_export_of_the_base, _no_export_of_queries, _other_pooling],
    ids=lambda change: change.__name__,
)
def test_an_export_that_does_not_fit_is_not_used(models: Models, tmp_path: Path, change: object) -> None:
    ours = models.copied(tmp_path)
    assert find_exported(str(ours.base), str(ours.trained)) is not None
    change(ours)
    assert find_exported(str(ours.base), str(ours.trained)) is None


def test_without_onnx_runtime_the_model_itself_is_used(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_exported(str(models.base), str(models.base)) is not None
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert find_exported(str(models.base), str(models.base)) is None


def _damaged(file: Path) -> None:
    file.write_bytes(b"no model")


def _other_output(file: Path) -> None:
    import onnx

    graph = onnx.load(file)
    old = graph.graph.output[0].name
    for node in graph.graph.node:
        node.output[:] = ["logits" if name == old else name for name in node.output]
    graph.graph.output[0].name = "logits"
    onnx.save(graph, file)


@pytest.mark.parametrize("change", [_damaged, _other_output], ids=lambda change: change.__name__)
def test_a_file_that_is_no_encoder_is_told_and_not_used(
    models: Models, tmp_path: Path, caplog: pytest.LogCaptureFixture, change: object
) -> None:
    ours = models.copied(tmp_path)
    expected = load(str(models.base)).encode_document(["x"], normalize_embeddings=True)
    change(ours.base / ONNX)
    pool = ModelPool(str(ours.base), str(ours.base), None)
    np.testing.assert_allclose(pool.base.encode(["x"], "passage"), expected, atol=1e-5)
    assert not isinstance(pool.base._model, ExportedModel)
    assert "exported encoders are not used" in caplog.text


def test_models_that_are_not_here_have_no_export() -> None:
    assert find_exported("org/base", "org/trained") is None


def test_weights_are_compared_by_their_bytes(models: Models, minilm_path: Path) -> None:
    base, trained = models.base / "model.safetensors", models.trained
    assert same_weights(base, trained / "document_0_Transformer/model.safetensors")
    assert not same_weights(base, trained / "query_0_Transformer/model.safetensors")
    assert not same_weights(base, minilm_path / "model.safetensors")
    assert not same_weights(base, trained / "none")
    assert not is_exported(minilm_path)
