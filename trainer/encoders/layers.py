"""Finding an encoder's parts, whatever its architecture calls them."""

from __future__ import annotations

from sentence_transformers import SentenceTransformer
from torch import nn

from dualview.cards.errors import InputError


def encoder_layers(model: SentenceTransformer, setting: str) -> tuple[str, nn.ModuleList]:
    """Find the encoder's list of layers, the lowest first; of two encoders the queries'.

    :param setting: what needs them, for the error.
    :return: its path in the model, and the layers.
    :raises InputError: if the encoder is not laid out as a list of layers.
    """
    for path, module in model.named_modules():
        if isinstance(module, nn.ModuleList) and len(module) > 1:
            return path, module
    raise InputError(f"{setting}: this encoder has no list of layers; leave it at its default")


def token_embeddings(model: SentenceTransformer, setting: str) -> tuple[str, nn.Module]:
    """Find what stands below the lowest layer; of two encoders the queries'.

    :param setting: what needs it, for the error.
    :return: its path in the model, and the module.
    :raises InputError: if the encoder is not laid out as embeddings and layers.
    """
    for path, module in model.named_modules():
        if path.rpartition(".")[2] == "embeddings":
            return path, module
    raise InputError(f"{setting}: this encoder has no embeddings below its layers; leave it at its default")
