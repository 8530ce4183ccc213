"""Old names in a saved model: read by all releases, and by those servers that read the files themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling

from dualview.trainer.encoders.sides import split_sides
from dualview.trainer.serving.layout import old_name, write_old_names

OLD = "sentence_transformers.models"
TEXTS = ["sourdough without a scale", "only what is for beginners"]


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def rewritten(model: SentenceTransformer, folder: Path) -> SentenceTransformer:
    """Save a model, write the old names and load it again: the same vectors."""
    model.save_pretrained(str(folder), create_model_card=False)
    write_old_names(folder)
    return SentenceTransformer(str(folder), device="cpu")


def test_a_model_of_one_encoder(tiny: SentenceTransformer, tmp_path: Path) -> None:
    tiny.max_seq_length = 77
    model = SentenceTransformer(modules=[*tiny, Dense(32, 16), Normalize()], device="cpu")
    loaded = rewritten(model, tmp_path)
    assert loaded.max_seq_length == 77
    torch.testing.assert_close(torch.as_tensor(loaded.encode(TEXTS)), torch.as_tensor(model.encode(TEXTS)))
    assert [module["type"] for module in read(tmp_path / "modules.json")] == [
        f"{OLD}.{kind}" for kind in ("Transformer", "Pooling", "Dense", "Normalize")
    ]
    assert read(tmp_path / "sentence_bert_config.json") == {"max_seq_length": 77, "do_lower_case": False}
    pooling = read(tmp_path / "1_Pooling" / "config.json")
    # text-embeddings-inference needs these four.
    assert pooling["pooling_mode_mean_tokens"] is True
    assert not any(
        pooling[f"pooling_mode_{mode}"] for mode in ("cls_token", "max_tokens", "mean_sqrt_len_tokens")
    )
    assert pooling["word_embedding_dimension"] == 32 and "pooling_mode" not in pooling
    assert set(read(tmp_path / "2_Dense" / "config.json")) == {
        "in_features", "out_features", "bias", "activation_function"
    }  # fmt: skip
    assert not (tmp_path / "3_Normalize" / "config.json").exists()
    versions = read(tmp_path / "config_sentence_transformers.json")["__version__"]
    assert "sentence_transformers" not in versions and "transformers" in versions


def test_a_model_of_two_encoders(tiny: SentenceTransformer, tmp_path: Path) -> None:
    model = split_sides(tiny)
    loaded = rewritten(model, tmp_path)
    for encode in ("encode_query", "encode_document"):
        torch.testing.assert_close(
            torch.as_tensor(getattr(loaded, encode)(TEXTS)), torch.as_tensor(getattr(model, encode)(TEXTS))
        )
    config = read(tmp_path / "router_config.json")
    assert {path.rpartition(".")[0] for path in config["types"].values()} == {OLD}
    assert "route_mappings" not in config["parameters"]
    assert "pooling_mode_mean_tokens" in read(tmp_path / "query_1_Pooling" / "config.json")


@pytest.mark.parametrize(
    ("modes", "old"),
    [("cls", {"cls_token"}), (("max", "mean"), {"max_tokens", "mean_tokens"}), ("lasttoken", {"lasttoken"})],
)
def test_every_pooling(tiny: SentenceTransformer, tmp_path: Path, modes: Any, old: set[str]) -> None:
    model = SentenceTransformer(modules=[tiny[0], Pooling(32, modes)], device="cpu")
    loaded = rewritten(model, tmp_path)
    torch.testing.assert_close(torch.as_tensor(loaded.encode(TEXTS)), torch.as_tensor(model.encode(TEXTS)))
    config = read(tmp_path / "1_Pooling" / "config.json")
    assert {key.removeprefix("pooling_mode_") for key, value in config.items() if value is True} == {
        *old, "include_prompt"
    }  # fmt: skip


def test_what_earlier_releases_lack_keeps_its_form(tiny: SentenceTransformer, tmp_path: Path) -> None:
    # They join the vectors of several modes in one order only.
    model = SentenceTransformer(modules=[tiny[0], Pooling(32, ("mean", "cls"))], device="cpu")
    transformer: Transformer = model[0]
    transformer.module_output_name = "other"
    model.save_pretrained(str(tmp_path), create_model_card=False)
    before = read(tmp_path / "1_Pooling" / "config.json")
    write_old_names(tmp_path)
    assert read(tmp_path / "1_Pooling" / "config.json") == before
    assert read(tmp_path / "sentence_bert_config.json")["module_output_name"] == "other"


def test_names_of_others_stay() -> None:
    assert old_name("modeling_own.Pooling") == "modeling_own.Pooling"
    assert old_name("sentence_transformers.base.modules.new.Unheard") == (
        "sentence_transformers.base.modules.new.Unheard"
    )


def test_a_name_of_transformers_5_alone(tiny: SentenceTransformer, tmp_path: Path) -> None:
    tiny.save_pretrained(str(tmp_path), create_model_card=False)
    path = tmp_path / "tokenizer_config.json"
    path.write_text(json.dumps({**read(path), "tokenizer_class": "TokenizersBackend"}))
    write_old_names(tmp_path)
    assert read(path)["tokenizer_class"] == "PreTrainedTokenizerFast"
    assert SentenceTransformer(str(tmp_path), device="cpu").encode(TEXTS).shape == (2, 32)
