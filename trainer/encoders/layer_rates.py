"""A learning rate of its own for each layer of an encoder: the lower, the slower it learns."""

from __future__ import annotations

import re

from sentence_transformers import SentenceTransformer

from dualview.trainer.encoders.layers import encoder_layers, token_embeddings


def layer_rates(model: SentenceTransformer, rate: float, decay: float) -> dict[str, float]:
    """Learning rates by layer, as in discriminative fine-tuning (ULMFiT, arXiv 1801.06146, section 3.1).

    The top layer and what stands above it learn at ``rate``, each layer below at ``decay`` times the rate of
    the one above, and the token embeddings below the lowest.

    :param rate: the top layer's learning rate.
    :param decay: above 0, at most 1; 1 gives all layers the same rate.
    :return: patterns of parameter names with their rates, as ``learning_rate_mapping`` of
        sentence-transformers' training arguments takes them; none for a decay of 1.
    :raises InputError: if the encoder is not laid out as embeddings and a list of layers.
    """
    if decay == 1:
        return {}
    embeddings, _ = token_embeddings(model, "layer_decay")
    stack, layers = encoder_layers(model, "layer_decay")
    from_below = [embeddings, *(f"{stack}.{index}" for index in range(len(layers)))]
    return {
        rf"(^|\.){re.escape(path)}\.": rate * decay**below_top
        for below_top, path in zip(range(len(layers), -1, -1), from_below, strict=True)
    }
