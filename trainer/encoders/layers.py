"""Layers of an encoder: finding, freezing, their attention, dropout and learning rates."""

from __future__ import annotations

import re
from typing import Any

from sentence_transformers import CrossEncoder, SentenceTransformer
from torch import nn
from transformers import PreTrainedModel

from dualview.cards.errors import InputError


def encoder_layers(model: SentenceTransformer | CrossEncoder, setting: str) -> tuple[str, nn.ModuleList]:
    """Find the encoder's list of layers, the lowest first; of two encoders that of the queries.

    :param setting: the setting that needs them, for the error.
    :return: its path in the model, and the layers.
    :raises InputError: if the encoder has no list of layers.
    """
    for path, module in model.named_modules():
        if isinstance(module, nn.ModuleList) and len(module) > 1:
            return path, module
    raise InputError(f"{setting}: this encoder has no list of layers; leave it at its default")


def compile_layers(model: SentenceTransformer | CrossEncoder) -> None:
    """Compile each layer of the encoder by ``torch.compile``; of two encoders those of the queries.

    :raises InputError: if the encoder has no list of layers.
    """
    _, layers = encoder_layers(model, "torch_compile")
    for layer in layers:
        layer.compile()


def use_plain_attention(module: nn.Module) -> None:
    """Let encoders compute attention product by product, by the attention ``eager`` of transformers.

    On a CPU, a quarter of a step in bfloat16 goes into the gradient of PyTorch's fused attention where texts
    are as short as queries; ``python benchmarks/threads.py --forms`` compares them.

    :param module: the encoders are in it.
    """
    for part in module.modules():
        if isinstance(part, PreTrainedModel):
            part.set_attn_implementation("eager")


def token_embeddings(model: SentenceTransformer | CrossEncoder, setting: str) -> tuple[str, nn.Module]:
    """Find the module below the lowest layer; of two encoders that of the queries.

    :param setting: the setting that needs it, for the error.
    :return: its path in the model, and the module.
    :raises InputError: if the encoder does not consist of embeddings and layers.
    """
    for path, module in model.named_modules():
        if path.rpartition(".")[2] == "embeddings":
            return path, module
    raise InputError(f"{setting}: this encoder has no embeddings below its layers; leave it at its default")


def freeze(model: SentenceTransformer | CrossEncoder, layers: int) -> None:
    """Freeze the token embeddings and the lowest layers: faster steps, and word knowledge stays as it is.

    :param layers: number of layers; 0 freezes the embeddings alone, -1 nothing.
    :raises InputError: if the encoder has fewer layers, or does not consist of embeddings and layers.
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


def set_dropout(model: nn.Module, share: float) -> None:
    """Set the share of activations that the encoder drops in training, in place.

    A text that should stay near the base model's vector is compared with one made without dropout. What
    dropout adds to the distance is noise, however near the encoder is.

    :param share: of activations, 0 to below 1; -1 keeps the model's own.
    """
    if share < 0:
        return
    module: Any
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = share
        # Attention without a dropout module has its share as a number.
        if isinstance(getattr(module, "attention_dropout", None), float):
            module.attention_dropout = share


def layer_rates(model: SentenceTransformer | CrossEncoder, rate: float, decay: float) -> dict[str, float]:
    """Learning rates by layer, as in discriminative fine-tuning (ULMFiT, arXiv 1801.06146, section 3.1).

    The top layer and all above it learn at ``rate``, each layer below at ``decay`` times the rate of the one
    above, and the token embeddings below the lowest.

    :param rate: the top layer's learning rate.
    :param decay: above 0, at most 1; 1 gives all layers the same rate.
    :return: patterns of parameter names with their rates, for ``learning_rate_mapping`` of
        sentence-transformers' training arguments; none for a decay of 1.
    :raises InputError: if the encoder does not consist of embeddings and a list of layers.
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
