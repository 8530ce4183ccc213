"""Dropout of an encoder while it is trained."""

from __future__ import annotations

from typing import Any

from torch import nn


def set_dropout(model: nn.Module, share: float) -> None:
    """Drop another share of the activations than the encoder's configuration says, in place.

    A text that is to stay where the base model has it is compared with a vector that was made without
    dropout. What dropout moves it by is noise in that comparison, however near the encoder is.

    :param share: of activations, 0 to below 1; -1 leaves all as it is.
    """
    if share < 0:
        return
    module: Any
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = share
        # Attention that has no module for it keeps its share as a number.
        if isinstance(getattr(module, "attention_dropout", None), float):
            module.attention_dropout = share
