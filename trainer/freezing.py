"""Freezing the lower part of an encoder: faster steps, and what it knows of words stays as it is."""

from __future__ import annotations

from sentence_transformers import SentenceTransformer
from torch import nn

from trainer.errors import InputError


def freeze(model: SentenceTransformer, layers: int) -> None:
    """Stop training the token embeddings and the lowest layers above them.

    :param layers: how many layers; 0 freezes the embeddings alone, -1 nothing.
    :raises InputError: if the encoder has fewer layers, or is not laid out as embeddings and layers.
    """
    if layers < 0:
        return
    embeddings = next(
        (m for name, m in model.named_modules() if name.rpartition(".")[2] == "embeddings"), None
    )
    stack = encoder_layers(model, "frozen_layers")
    if embeddings is None:
        raise InputError("frozen_layers: this encoder has no embeddings to freeze; set it to -1")
    if layers > len(stack):
        raise InputError(f"frozen_layers is {layers}; the encoder has {len(stack)} layers")
    embeddings.requires_grad_(False)
    for layer in stack[:layers]:
        layer.requires_grad_(False)


def encoder_layers(model: SentenceTransformer, setting: str) -> nn.ModuleList:
    """Find the encoder's list of layers.

    :param setting: what needs them, for the error.
    :raises InputError: if the encoder is not laid out as a list of layers.
    """
    stack = next((m for m in model.modules() if isinstance(m, nn.ModuleList) and len(m) > 1), None)
    if stack is None:
        raise InputError(f"{setting}: this encoder has no list of layers; leave it at its default")
    return stack
