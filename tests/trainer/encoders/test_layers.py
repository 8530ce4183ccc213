"""Layers of an encoder: frozen ones, dropout, and the learning rates that an optimiser really gets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from torch import nn
from transformers import BertConfig, BertModel, ModernBertConfig, ModernBertModel

from dualview.cards.errors import InputError
from dualview.trainer.data.training_data import load_training_data
from dualview.trainer.encoders.layers import encoder_layers, freeze, layer_rates, set_dropout
from dualview.trainer.encoders.sides import split_sides
from dualview.trainer.runs.assembly import build_run
from dualview.trainer.runs.base_model import load_base_model
from dualview.trainer.runs.run_folder import RunFolder
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings

SIZE = {
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "pad_token_id": 0,
}
TOKENS = torch.arange(1, 40)[None]


def bert() -> nn.Module:
    return BertModel(BertConfig(**SIZE))


def modern_bert() -> nn.Module:
    shares = {"attention_dropout": 0.1, "mlp_dropout": 0.1, "embedding_dropout": 0.1}
    return ModernBertModel(ModernBertConfig(**SIZE, **shares))


@pytest.mark.parametrize("make", [bert, modern_bert])
@pytest.mark.parametrize(("share", "drops"), [(-1, True), (0.0, False), (0.5, True)])
def test_two_passes_differ_where_something_is_dropped(make, share: float, drops: bool) -> None:
    model = make().train()
    set_dropout(model, share)
    first, second = (model(TOKENS).last_hidden_state for _ in range(2))
    assert torch.equal(first, second) != drops


@pytest.mark.parametrize("make", [bert, modern_bert])
def test_no_dropout_is_left_anywhere(make) -> None:
    model = make().train()
    set_dropout(model, 0.0)
    trained = model(TOKENS).last_hidden_state
    torch.testing.assert_close(trained, model.eval()(TOKENS).last_hidden_state)


def rates_of_parameters(settings: TrainingSettings) -> dict[str, float]:
    """The rate that a real run's optimiser has for each parameter that is trained."""
    model = load_base_model(settings)
    model = split_sides(model) if settings.frozen_documents else model
    folder = RunFolder(Path(settings.out), settings.of_the_run(), "")
    run = build_run(settings, model, load_training_data(settings), folder)
    optimizer = run.trainer.create_optimizer()
    by_id = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    return {name: by_id[id(p)] for name, p in model.named_parameters() if p.requires_grad}


@pytest.mark.parametrize("changes", [{}, {"frozen_documents": True}, {"matryoshka_dims": [16]}], ids=str)
def test_each_layer_learns_at_its_share_of_the_one_above(
    settings_for: Callable[..., TrainingSettings], changes: dict[str, object]
) -> None:
    settings = settings_for(learning_rate=8e-4, layer_decay=0.5, **changes)
    rates = rates_of_parameters(settings)
    layers = 1 + max(int(name.split(".layer.")[1].split(".")[0]) for name in rates if ".layer." in name)
    assert layers > 1
    for name, rate in rates.items():
        if ".layer." in name:
            below_top = layers - 1 - int(name.split(".layer.")[1].split(".")[0])
        else:
            below_top = layers if ".embeddings." in name else 0
        assert rate == pytest.approx(8e-4 * 0.5**below_top), name


def test_without_a_decay_all_layers_learn_at_the_same_rate(
    settings_for: Callable[..., TrainingSettings],
) -> None:
    assert set(rates_of_parameters(settings_for(learning_rate=8e-4)).values()) == {8e-4}


def test_a_slower_layer_moves_less(
    settings_for: Callable[..., TrainingSettings], tiny_path: Path, tmp_path: Path
) -> None:
    base = load_file(tiny_path / "model.safetensors")

    def moved(decay: float) -> float:
        settings = settings_for(layer_decay=decay, max_steps=2, evaluations=1, out=str(tmp_path / str(decay)))
        weights = load_file(train(settings) / "model.safetensors")
        lowest = [name for name in base if "layer.0." in name]
        return sum(float(torch.abs(weights[name] - base[name]).sum()) for name in lowest)

    assert 0 < moved(0.1) < 0.5 * moved(1.0)


def test_an_encoder_of_another_layout_is_refused(tiny_path: Path) -> None:
    model = SentenceTransformer(str(tiny_path), device="cpu")
    path, layers = encoder_layers(model, "layer_decay")
    parent = model.get_submodule(path.rpartition(".")[0])
    setattr(parent, path.rpartition(".")[2], nn.Sequential(*layers))
    with pytest.raises(InputError, match="layer_decay: this encoder has no list of layers; leave it at"):
        layer_rates(model, 1e-4, 0.9)


def test_the_lowest_layers_and_the_embeddings_are_frozen(tiny: SentenceTransformer) -> None:
    freeze(tiny, 1)
    frozen = {name for name, weight in tiny.named_parameters() if not weight.requires_grad}
    assert any(".embeddings." in name for name in frozen) and any(".layer.0." in name for name in frozen)
    assert not any(".layer.1." in name for name in frozen)
