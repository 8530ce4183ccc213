"""ONNX files of an export: the same vectors in ONNX Runtime, and how much eight bits lose."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.encoders.sides import split_sides
from dualview.trainer.serving import exporting, onnx_files, onnx_measuring
from dualview.trainer.serving.exporting import export
from dualview.trainer.serving.onnx_encoder import with_onnx
from dualview.trainer.serving.onnx_files import FULL, INT8, check_can_write_onnx

QUERIES = ["sourdough without a scale", "only what is for beginners", "x"]


@pytest.fixture(scope="session")
def two_sided(tiny_loaded: SentenceTransformer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two-sided")
    split_sides(tiny_loaded).save_pretrained(str(folder), create_model_card=False)
    return folder


@pytest.fixture(scope="session")
def exported(two_sided: Path, dataset_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    for package in ("onnx", "onnxruntime", "onnxscript"):
        pytest.importorskip(package)
    out = tmp_path_factory.mktemp("out") / "query"
    found = export(two_sided, out, onnx=True, dataset=dataset_folder, split="validation")
    full, int8 = found.onnx
    assert full.lowest_cosine > 0.9999 and int8.lowest_cosine > 0.99
    assert int8.megabytes < 0.5 * full.megabytes
    assert [loss.metric for loss in int8.losses] == ["flip_accuracy", "instructed_ndcg_at_10"]
    assert full.losses[0].before == full.losses[0].now
    assert "Flip accuracy" in str(found) and "validation" in str(found)
    return out


def test_the_layout_is_that_of_sentence_transformers(exported: Path) -> None:
    import onnxruntime

    for path in (FULL, INT8):
        session = onnxruntime.InferenceSession(str(exported / path), providers=["CPUExecutionProvider"])
        assert {node.name for node in session.get_inputs()} == {
            "input_ids", "attention_mask", "token_type_ids"
        }  # fmt: skip
        assert [node.name for node in session.get_outputs()] == ["last_hidden_state"]
        assert all(not isinstance(size, int) for size in session.get_inputs()[0].shape)


def test_the_export_has_a_card(exported: Path) -> None:
    # Releases before 5 ask the Hub for a card that is missing.
    assert "library_name" in (exported / "README.md").read_text()


def test_one_text_and_many_have_the_models_vectors(exported: Path, two_sided: Path) -> None:
    trained = SentenceTransformer(str(two_sided), device="cpu")
    model = with_onnx(trained, exported / FULL, threads=1)
    np.testing.assert_allclose(model.encode_query(QUERIES), trained.encode_query(QUERIES), atol=1e-5)
    np.testing.assert_allclose(model.encode_query(QUERIES[0]), trained.encode_query(QUERIES[0]), atol=1e-5)
    np.testing.assert_array_equal(model.encode_document(QUERIES), trained.encode_document(QUERIES))


def test_other_vectors_are_not_written(
    exported: Path, two_sided: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(onnx_measuring, "LOWEST_COSINE", 1.1)
    monkeypatch.setattr(
        exporting, "write_onnx", lambda _, folder: shutil.copytree(exported / "onnx", folder / "onnx")
    )
    with pytest.raises(InputError, match="nothing was written; export without --onnx"):
        export(two_sided, tmp_path / "query", onnx=True)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_refused_first(
    two_sided: Path, tiny: SentenceTransformer, tmp_path: Path, monkeypatch: Any
) -> None:
    with pytest.raises(InputError, match="add --onnx"):
        export(two_sided, tmp_path / "query", dataset="any")
    monkeypatch.setattr(onnx_files, "_PACKAGES", ("unheard_of", "json"))
    with pytest.raises(InputError, match=r'unheard_of not installed; run pip install "dualview\[onnx\]"'):
        check_can_write_onnx(tiny, "m")
    monkeypatch.setattr(onnx_files, "_PACKAGES", ("json",))
    with pytest.raises(InputError, match="starts with Router"):
        check_can_write_onnx(split_sides(tiny), "m")
    monkeypatch.setattr(onnx_files, "_MOST_BYTES", 1000)
    with pytest.raises(InputError, match="holds 2 GB at most"):
        check_can_write_onnx(tiny, "m")
    assert json.loads((two_sided / "modules.json").read_text()) and not list(tmp_path.iterdir())
