"""Fixtures: a Hub on loopback for each test, and small things to publish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import HfApi, constants

from tests.hub.asking import ID, add
from tests.hub.clients import ALICE
from tests.hub.loopback.server import serving
from tests.hub.loopback.state import Hub
from tests.hub.samples import write_dataset


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with serving(Hub(tmp_path / "hub")) as served:
        yield served


@pytest.fixture
def connected(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Connect the clients of this process to the hub as alice."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    template = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setenv("HF_TOKEN", ALICE)
    huggingface_hub.close_session()
    return hub


@pytest.fixture
def api(connected: Hub) -> HfApi:
    return HfApi(endpoint=connected.url, token=ALICE)


@pytest.fixture
def head(api: HfApi) -> str:
    """Create a repository with small and large files, and return the hash of its newest commit."""
    api.create_repo(ID, private=True)
    files = {"README.md": b"---\nlicense: mit\n---\n", "a/b/one.txt": b"one", "a/two.bin": b"2" * 5000}
    return api.create_commit(ID, [add(p, c) for p, c in files.items()], commit_message="Files").oid


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Write a small dataset in the published form."""
    return write_dataset(tmp_path / "dataset")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory, minilm_path: Path) -> Path:
    """Save an encoder of a megabyte with random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(minilm_path)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    BertModel(config).save_pretrained(folder / "encoder")
    tokenizer.save_pretrained(folder / "encoder")
    encoder = Transformer(str(folder / "encoder"), max_seq_length=32)
    made = SentenceTransformer(modules=[encoder, Pooling(16), Normalize()], device="cpu")
    made.save_pretrained(str(folder / "model"), create_model_card=False)
    return folder / "model"
