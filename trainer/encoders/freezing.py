"""Freezing the lower part of an encoder: faster steps, and what it knows of words stays as it is."""

from __future__ import annotations

from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.encoders.layers import encoder_layers, token_embeddings


def freeze(model: SentenceTransformer, layers: int) -> None:
    """Stop training the token embeddings and the lowest layers above them.

    :param layers: how many layers; 0 freezes the embeddings alone, -1 nothing.
    :raises InputError: if the encoder has fewer layers, or is not laid out as embeddings and layers.
    """
    if layers < 0:
        return
    _, embeddings = token_embeddings(model, "frozen_layers")
    _, stack = encoder_layers(model, "frozen_layers")
    if layers > len(stack):
        raise InputError(f"frozen_layers is {layers}; the encoder has {len(stack)} layers")
    embeddings.requires_grad_(False)
    for layer in stack[:layers]:
        layer.requires_grad_(False)
