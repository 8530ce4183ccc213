"""Encoding a column of texts in training: once each, with little padding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor

from trainer.packing import pack_texts, packs

# A chunk of texts of similar length wastes little on padding, but too small a chunk starves the matrix units:
# a GPU needs tens of thousands of tokens at a time.
CHUNK_TOKENS = {"cpu": 2048}
_CHUNK_TOKENS_ELSEWHERE = 65_536
#: A number of tokens that no batch has: all texts of a column in one forward pass.
UNLIMITED = 10**12


def embed(model: SentenceTransformer, features: dict[str, Any], chunk_tokens: int = 0) -> Tensor:
    """Encode tokenised texts in chunks of similar length; the order of the result is that of the input.

    :param features: the tokeniser's output, (texts, tokens) tensors with an ``attention_mask``. Texts that
        were packed already (flash attention) go through in one pass.
    :param chunk_tokens: tokens, padding included, that one forward pass may hold; 0 chooses by device.
    :return: (texts, dim)
    """
    mask = features.get("attention_mask")
    if not isinstance(mask, Tensor) or mask.ndim != 2:
        return model(dict(features))["sentence_embedding"]
    packed = packs(model)
    chunk_tokens = chunk_size(mask.device, chunk_tokens)
    if mask.numel() <= chunk_tokens and not packed:
        return model(dict(features))["sentence_embedding"]
    order, chunks = chunks_by_length(mask, chunk_tokens, packed)
    vectors = [
        model(
            pack_texts(model, features, chunk.rows, chunk.lengths)
            if packed
            else select_texts(features, chunk.rows, chunk.lengths[0])
        )["sentence_embedding"]
        for chunk in chunks
    ]
    return torch.cat(vectors)[torch.argsort(order)]


def chunk_size(device: torch.device, chunk_tokens: int = 0) -> int:
    """Tokens a forward pass holds: what was asked for, or what suits the device."""
    return chunk_tokens or CHUNK_TOKENS.get(device.type, _CHUNK_TOKENS_ELSEWHERE)


@dataclass(frozen=True)
class Chunk:
    """Texts that go through the encoder together: their numbers, and their lengths, the longest first."""

    rows: Tensor
    lengths: list[int]


def chunks_by_length(mask: Tensor, chunk_tokens: int, packed: bool = False) -> tuple[Tensor, list[Chunk]]:
    """Deal texts into chunks of similar length, the longest first.

    :param mask: (texts, tokens) attention mask.
    :param packed: whether a chunk's texts are laid one after another, so that padding takes no room.
    :return: the texts' numbers in the new order, and the chunks.
    """
    # Where a text ends: its length, or the whole width where padding is on the left and nothing can be cut.
    ends = (mask * torch.arange(1, mask.shape[1] + 1, device=mask.device)).amax(dim=1)
    order = torch.argsort(ends, descending=True, stable=True)
    # One transfer from the device, not one a chunk.
    lengths = ends[order].clamp(min=1).tolist()
    chunks, start = [], 0
    while start < len(lengths):
        end, held = start, 0
        while end < len(lengths) and (
            end == start or held + lengths[end if packed else start] <= chunk_tokens
        ):
            held += lengths[end if packed else start]
            end += 1
        chunks.append(Chunk(order[start:end], lengths[start:end]))
        start = end
    return order, chunks


def select_texts(features: dict[str, Any], rows: Tensor, width: int) -> dict[str, Any]:
    """Take some texts, so many tokens wide."""
    shape = features["attention_mask"].shape
    return {
        key: value[rows, :width] if isinstance(value, Tensor) and value.shape[:2] == shape else value
        for key, value in features.items()
    }


def text_keys(features: dict[str, Any]) -> Tensor:
    """Hash each tokenised text to 63 bits: equal texts have equal keys, on every device and process.

    :param features: the tokeniser's output, padded or packed.
    :return: (texts,) integers
    """
    ids = features["input_ids"].to(torch.int64)
    if "cu_seq_lens_q" in features:
        bounds = features["cu_seq_lens_q"].to(torch.int64)
        lengths = bounds[1:] - bounds[:-1]
        text = torch.arange(len(lengths), device=ids.device).repeat_interleave(lengths)
        position = torch.arange(ids.numel(), device=ids.device) - bounds[text] + 1
        return torch.zeros_like(lengths).index_add_(0, text, _mixed(ids.flatten(), position))
    mask = features["attention_mask"].to(torch.int64)
    return (_mixed(ids, mask.cumsum(dim=1)) * mask).sum(dim=1)


def _mixed(ids: Tensor, position: Tensor) -> Tensor:
    """A multiplicative hash of (token, its place): wrapping int64 arithmetic is the same everywhere."""
    mixed = (ids + 1) * 6364136223846793005 + position * 1442695040888963407
    mixed = (mixed ^ (mixed >> 29)) * -4658895280553007687
    return mixed ^ (mixed >> 32)
