"""All files that a model needs are published, for each kind of model, and no code or pickle beside it."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router
from sentence_transformers.sentence_transformer.modules import StaticEmbedding

from dualview.cards.errors import HubError
from dualview.cards.hub.model_layout import select_model_files


def write_plain(folder: Path) -> Path:
    folder.mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_text("{}")
    return folder


def saved(folder: Path, kind: str, minilm: SentenceTransformer) -> Path:
    modules = [copy.deepcopy(module) for module in minilm.children()]
    if kind == "router":
        sides = [copy.deepcopy(modules[:2]), modules[:2]]
        modules = [Router.for_query_document(query_modules=sides[0], document_modules=sides[1]), *modules[2:]]
    elif kind == "static":
        modules = [StaticEmbedding(minilm.tokenizer, embedding_dim=8)]
    SentenceTransformer(modules=modules, device="cpu").save_pretrained(str(folder))
    return folder


@pytest.mark.parametrize("kind", ["transformer", "router", "static"])
def test_all_files_of_a_saved_model_belong(tmp_path: Path, kind: str, minilm: SentenceTransformer) -> None:
    folder = saved(tmp_path / "model", kind, minilm)
    selection = select_model_files(folder)
    assert selection.paths == {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert selection.staying == ()


def test_a_folder_that_is_no_module_stays_here(tmp_path: Path) -> None:
    folder = write_plain(tmp_path / "model")
    (folder / "modules.json").write_text('[{"path": ""}, {"path": "1_Pooling"}]')
    for part in ("1_Pooling", "checkpoint-3"):
        (folder / part).mkdir()
        (folder / part / "config.json").write_text("{}")
    selection = select_model_files(folder)
    assert "1_Pooling/config.json" in selection.paths
    assert selection.staying == ("checkpoint-3/config.json",)


def test_weights_that_are_a_pickle_only(tmp_path: Path) -> None:
    folder = write_plain(tmp_path / "model")
    (folder / "pytorch_model.bin").write_bytes(b"x")
    assert "pytorch_model.bin" in select_model_files(folder).staying
    (folder / "model.safetensors").unlink()
    with pytest.raises(HubError, match=r"pytorch_model\.bin: is a pickle"):
        select_model_files(folder)


@pytest.mark.parametrize("named", ["modeling_x.Model", ["modeling_x.Tokenizer", None]])
def test_code_of_the_model_must_be_included(tmp_path: Path, named: object) -> None:
    folder = write_plain(tmp_path / "model")
    (folder / "config.json").write_text(json.dumps({"auto_map": {"AutoModel": named}}))
    (folder / "modeling_x.py").write_text("")
    (folder / "stray.py").write_text("")
    with pytest.raises(HubError, match=r"modeling_x\.py: is code .* --include modeling_x\.py"):
        select_model_files(folder)
    selection = select_model_files(folder, ["modeling_x.py"])
    assert "modeling_x.py" in selection.paths and selection.staying == ("stray.py",)


def test_code_of_a_module_must_be_included(tmp_path: Path) -> None:
    folder = write_plain(tmp_path / "model")
    (folder / "modules.json").write_text('[{"path": "", "type": "my_module.Own"}]')
    (folder / "my_module.py").write_text("")
    with pytest.raises(HubError, match=r"my_module\.py: is code"):
        select_model_files(folder)


@pytest.mark.parametrize("content", ["{", "\udcff", "[" * 100_000])
def test_modules_that_cannot_be_read(tmp_path: Path, content: str) -> None:
    folder = write_plain(tmp_path / "model")
    (folder / "modules.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(HubError, match=r"modules\.json: is not readable JSON") as error:
        select_model_files(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", ["1", "null", "{}", '["x"]', '[{"path": 1}]', '[{"path": "../x"}]'])
def test_odd_modules_add_nothing(tmp_path: Path, content: str) -> None:
    folder = write_plain(tmp_path / "model")
    (folder / "modules.json").write_text(content)
    assert select_model_files(folder).paths == {
        "config.json",
        "model.safetensors",
        "modules.json",
        "tokenizer.json",
    }


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="holds no model"):
        select_model_files(tmp_path)
    with pytest.raises(HubError, match="no such folder"):
        select_model_files(tmp_path / "absent")
