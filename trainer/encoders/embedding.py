"""Encoding in training: each text once, with little padding, and without waiting for the device."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from torch.nn import functional

from dualview.trainer.encoders.packing import pack_texts, packs

# A small chunk of texts of similar length has little padding and fits into a CPU's caches; a GPU needs tens
# of thousands of tokens at a time to be busy. With caching, whose purpose is to hold the activations of one
# chunk alone, a chunk must be smaller.
_CHUNK_TOKENS = {"cpu": 512}
_CHUNK_TOKENS_ELSEWHERE = 131_072
_CHUNK_TOKENS_CACHED = 16_384
# What a column holds besides the tokeniser's output.
_BESIDES = ("lengths", "text_key")
#: More tokens than any batch has: all texts of a column go through in one forward pass.
UNLIMITED = 10**12


def embed_columns(
    model: SentenceTransformer, columns: Sequence[dict[str, Any]], chunk_tokens: int = 0
) -> list[Tensor]:
    """Encode columns of texts; packed columns share forward passes, as a short one leaves a GPU idle.

    :param columns: the tokeniser's output for each column, or its vectors, see :func:`embed`.
    :return: (texts, dim) for each column.
    """
    texts = [column for column in columns if not is_encoded(column)]
    if len(texts) < 2 or not packs(model) or not _may_be_joined(model, texts):
        return [embed(model, column, chunk_tokens) for column in columns]
    width = max(column["input_ids"].shape[1] for column in texts)
    joined: dict[str, Any] = {
        key: torch.cat([functional.pad(c[key], (0, width - c[key].shape[1])) for c in texts])
        for key in ("input_ids", "attention_mask")
    }
    joined["lengths"] = [length for column in texts for length in text_lengths(column)]
    tasks = {column.get("task") for column in texts} - {None}
    if len(tasks) == 1:
        joined["task"] = tasks.pop()
    vectors = embed(model, joined, chunk_tokens)
    parts = iter(torch.split(vectors, [len(column["input_ids"]) for column in texts]))
    return [column["sentence_embedding"] if is_encoded(column) else next(parts) for column in columns]


def is_encoded(features: dict[str, Any]) -> bool:
    """Return whether a column holds vectors that were made before the training."""
    return "sentence_embedding" in features


def embed(model: SentenceTransformer, features: dict[str, Any], chunk_tokens: int = 0) -> Tensor:
    """Encode tokenised texts in chunks of similar length; the order of the result is that of the input.

    :param features: the tokeniser's output, (texts, tokens) tensors with an ``attention_mask``. If it
        has ``lengths``, a list, the device is not asked for them. Texts that are packed already (flash
        attention) go through in one pass.
    :param chunk_tokens: tokens, padding included, of one forward pass, at most; 0 chooses by device.
    :return: (texts, dim)
    """
    if is_encoded(features):
        encoded: Tensor = features["sentence_embedding"]
        return encoded
    mask = features.get("attention_mask")
    texts = {key: value for key, value in features.items() if key not in _BESIDES}
    if not isinstance(mask, Tensor) or mask.ndim != 2:
        return _forward(model, texts)
    packed = packs(model)
    chunk_tokens = chunk_size(mask.device, chunk_tokens)
    if mask.numel() <= chunk_tokens and not packed:
        return _forward(model, texts)
    order, chunks = chunks_by_length(text_lengths(features), chunk_tokens, packed)
    vectors = []
    for chunk in chunks:
        rows = send(chunk.rows, mask.device)
        if packed:
            part = pack_texts(model, texts, rows, send(chunk.lengths, mask.device), sum(chunk.lengths))
        else:
            part = select_texts(texts, rows, chunk.lengths[0])
        vectors.append(_forward(model, part))
    return torch.cat(vectors)[send(inverse(order), mask.device)]


def chunk_size(device: torch.device, chunk_tokens: int = 0, cached: bool = False) -> int:
    """Tokens of a forward pass: the given number, or one that suits the device."""
    elsewhere = _CHUNK_TOKENS_CACHED if cached else _CHUNK_TOKENS_ELSEWHERE
    return chunk_tokens or _CHUNK_TOKENS.get(device.type, elsewhere)


@dataclass(frozen=True)
class Chunk:
    """Texts that are encoded together: their numbers, and their lengths in tokens, the longest first."""

    rows: list[int]
    lengths: list[int]


def chunks_by_length(
    lengths: Sequence[int], chunk_tokens: int, packed: bool = False
) -> tuple[list[int], list[Chunk]]:
    """Divide texts into chunks of similar length, the longest first.

    :param lengths: tokens of each text.
    :param packed: whether a chunk's texts are joined without padding; the chunks are then of about the
        same size.
    :return: the texts' numbers in the new order, and the chunks.
    """
    order = sorted(range(len(lengths)), key=lambda text: -lengths[text])
    enough = chunk_tokens
    if packed and lengths:
        enough = math.ceil(sum(lengths) / math.ceil(sum(lengths) / chunk_tokens))
    chunks, start = [], 0
    while start < len(order):
        end, held = start, 0
        while end < len(order) and held < enough:
            room = lengths[order[end if packed else start]]
            if end > start and held + room > chunk_tokens:
                break
            held, end = held + room, end + 1
        rows = order[start:end]
        chunks.append(Chunk(rows, [lengths[text] for text in rows]))
        start = end
    return order, chunks


def text_lengths(features: dict[str, Any]) -> list[int]:
    """End of each text in tokens: its length, or the whole width where padding is on the left."""
    if "lengths" in features:
        return list(features["lengths"])
    mask: Tensor = features["attention_mask"]
    ends = (mask * torch.arange(1, mask.shape[1] + 1, device=mask.device)).amax(dim=1)
    lengths: list[int] = ends.clamp(min=1).tolist()
    return lengths


def select_texts(features: dict[str, Any], rows: Tensor, width: int) -> dict[str, Any]:
    """Select texts, cut to a width in tokens."""
    shape = features["attention_mask"].shape
    return {
        key: value[rows, :width] if isinstance(value, Tensor) and value.shape[:2] == shape else value
        for key, value in features.items()
    }


def inverse(order: Sequence[int]) -> list[int]:
    """Invert a permutation: the new place of each text."""
    places = [0] * len(order)
    for place, text in enumerate(order):
        places[text] = place
    return places


def send(numbers: Sequence[int], device: torch.device) -> Tensor:
    """Copy numbers to a device without waiting for it."""
    if device.type != "cuda":
        return torch.tensor(numbers, device=device)
    return torch.tensor(numbers, pin_memory=True).to(device, non_blocking=True)


def text_keys(features: dict[str, Any]) -> Tensor:
    """Hash each tokenised text to 63 bits: equal texts have equal keys, on every device and process.

    :param features: the tokeniser's output, padded or packed; or vectors. With a ``text_key``, that is taken.
    :return: (texts,) integers
    """
    if "text_key" in features:
        keys: Tensor = features["text_key"]
        return keys
    ids: Tensor = features["input_ids"].to(torch.int64)
    if "cu_seq_lens_q" in features:
        bounds = features["cu_seq_lens_q"].to(torch.int64)
        lengths = bounds[1:] - bounds[:-1]
        text = torch.arange(len(lengths), device=ids.device).repeat_interleave(lengths)
        position = torch.arange(ids.numel(), device=ids.device) - bounds[text] + 1
        return torch.zeros_like(lengths).index_add_(0, text, _mixed(ids.flatten(), position))
    mask: Tensor = features["attention_mask"].to(torch.int64)
    return (_mixed(ids, mask.cumsum(dim=1)) * mask).sum(dim=1)


def _forward(model: SentenceTransformer, texts: dict[str, Any]) -> Tensor:
    vectors: Tensor = model(texts)["sentence_embedding"]
    return vectors


def _mixed(ids: Tensor, position: Tensor) -> Tensor:
    """Multiplicative hash of a token and its place; wrapping int64 arithmetic is the same everywhere."""
    mixed = (ids + 1) * 6364136223846793005 + position * 1442695040888963407
    mixed = (mixed ^ (mixed >> 29)) * -4658895280553007687
    return mixed ^ (mixed >> 32)


def _may_be_joined(model: nn.Module, columns: Sequence[dict[str, Any]]) -> bool:
    """Return whether no column is packed already, nor has a prompt that pooling leaves out."""
    if any(column.get("attention_mask") is None for column in columns):
        return False
    prompts_count = all(getattr(module, "include_prompt", True) for module in model.modules())
    return prompts_count or not any("prompt_length" in column for column in columns)
