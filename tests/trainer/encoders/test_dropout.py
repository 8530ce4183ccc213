"""Dropout is what a run asks for, whatever the encoder's configuration says."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel, ModernBertConfig, ModernBertModel

from dualview.trainer.encoders.dropout import set_dropout

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
