"""Encoding a column of texts in training: once each, with little padding."""

from __future__ import annotations

from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor

# A chunk of texts of similar length wastes little on padding, but too small a chunk starves the matrix units.
CHUNK_TOKENS = 2048


def embed(model: SentenceTransformer, features: dict[str, Any], chunk_tokens: int = CHUNK_TOKENS) -> Tensor:
    """Encode tokenised texts in chunks of similar length; the order of the result is that of the input.

    :param features: the tokeniser's output, (texts, tokens) tensors with an ``attention_mask``.
    :param chunk_tokens: tokens, padding included, that one forward pass may hold.
    :return: (texts, dim)
    """
    mask = features.get("attention_mask")
    if not isinstance(mask, Tensor) or mask.ndim != 2 or mask.numel() <= chunk_tokens:
        return model(dict(features))["sentence_embedding"]
    lengths = mask.sum(dim=1)
    order = torch.argsort(lengths, descending=True, stable=True)
    parts, start = [], 0
    while start < len(order):
        width = int(lengths[order[start]])
        rows = order[start : start + max(1, chunk_tokens // width)]
        parts.append(model(_select(features, rows, width))["sentence_embedding"])
        start += len(rows)
    return torch.cat(parts)[torch.argsort(order)]


def _select(features: dict[str, Any], rows: Tensor, width: int) -> dict[str, Any]:
    """Take some texts and cut the padding that none of them needs (right padding only)."""
    total, padded = features["attention_mask"].shape
    if int(features["attention_mask"][:, 0].sum()) < total:
        width = padded  # left padding: the text is at the end, nothing can be cut
    return {
        key: value[rows][:, :width] if isinstance(value, Tensor) and value.shape[:2] == (total, padded) else value
        for key, value in features.items()
    }


def text_keys(features: dict[str, Any]) -> Tensor:
    """Hash each tokenised text to 63 bits: equal texts have equal keys, on every device and process.

    :return: (texts,) integers
    """
    ids = features["input_ids"].to(torch.int64)
    mask = features["attention_mask"].to(torch.int64)
    position = mask.cumsum(dim=1)
    # A multiplicative hash of (token, its place): wrapping int64 arithmetic is the same everywhere.
    mixed = (ids + 1) * 6364136223846793005 + position * 1442695040888963407
    mixed = (mixed ^ (mixed >> 29)) * -4658895280553007687
    return ((mixed ^ (mixed >> 32)) * mask).sum(dim=1)
