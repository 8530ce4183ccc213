"""Attention without padding: texts are joined into one sequence, and each attends to itself alone.

transformers knows this for its flash attention packages; PyTorch brings the same kernels
(``torch.nn.attention.varlen``), so nothing more needs to be installed. Choose it with
``attn_implementation: packed``. Off the GPU each text gets PyTorch's ordinary attention by itself, which is
no faster than short padded passes. The GPU's kernels drop out no attention weights: a model with such dropout
trains without it on a GPU.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from torch import Tensor, nn
from torch.nn.attention.varlen import varlen_attn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from dualview.cards.errors import InputError
from dualview.trainer.encoders.limits import position_offset

PACKED = "packed"

_FORWARD_KEYS = {"cu_seq_lens_q", "cu_seq_lens_k", "max_length_q", "max_length_k", "position_ids"}


def register_packed_attention() -> None:
    """Register the attention with transformers, so that a model can be loaded with it."""
    AttentionInterface.register(PACKED, packed_attention)
    AttentionMaskInterface.register(PACKED, _mask)


def packs(model: nn.Module) -> bool:
    """Return whether a model takes packed texts."""
    encoder = getattr(getattr(model, "module", model), "transformers_model", None)
    return getattr(getattr(encoder, "config", None), "_attn_implementation", None) == PACKED


def allow_packing(model: SentenceTransformer) -> None:
    """Prepare a model that was loaded with this attention for packed texts.

    :raises InputError: if its texts cannot be packed.
    """
    hindrance = ""
    if not getattr(model.transformers_model, "_supports_attention_backend", False):
        hindrance = "this encoder brings its own attention"
    elif any(getattr(module, "is_causal", False) for module in model.modules()):
        hindrance = "this encoder's tokens attend only to those before them"
    elif getattr(model.tokenizer, "padding_side", "right") != "right":
        hindrance = "its tokeniser pads on the left"
    if hindrance:
        raise InputError(f"attn_implementation {PACKED!r}: {hindrance}; leave it out")
    for module in model.modules():
        if isinstance(module, Transformer) and module.model_forward_params is not None:
            module.model_forward_params |= _FORWARD_KEYS


def pack_texts(
    model: nn.Module, features: dict[str, Any], rows: Tensor, lengths: Tensor, total: int
) -> dict[str, Any]:
    """Join texts into one sequence.

    :param features: the tokeniser's output, padded on the right.
    :param rows: (texts,) numbers of the texts, in the order wanted.
    :param lengths: (texts,) their lengths in tokens; ``total`` is the sum.
    :return: ``input_ids`` and ``position_ids`` (1, tokens), and the bounds of the texts.
    """
    encoder: Any = getattr(model, "module", model)
    ids = features["input_ids"]
    text = torch.arange(len(lengths), device=ids.device).repeat_interleave(lengths, output_size=total)
    bounds = nn.functional.pad(lengths.cumsum(0), (1, 0))
    position = torch.arange(total, device=ids.device) - bounds[text]
    # The kernel needs an upper bound only; with a constant one, a compiled layer is compiled once.
    longest = int(encoder.max_seq_length or features["attention_mask"].shape[1])
    bounds = bounds.to(torch.int32)
    packed: dict[str, Any] = {
        "input_ids": ids[rows[text], position][None],
        "position_ids": (position + position_offset(encoder))[None],
        "cu_seq_lens_q": bounds,
        "cu_seq_lens_k": bounds,
        "max_length_q": longest,
        "max_length_k": longest,
    }
    packed.update({key: features[key] for key in ("modality", "prompt_length", "task") if key in features})
    return packed


def packed_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    cu_seq_lens_q: Tensor | None = None,
    max_length_q: int | None = None,
    **kwargs: object,
) -> tuple[Tensor, None]:
    """Attend within each text; the interface is that of transformers' attention functions.

    :param query: (1, heads, tokens, dim) where the texts are packed.
    :return: (1, tokens, heads, dim)
    """
    if cu_seq_lens_q is None:
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, is_causal=False
        )
    window = sliding_window - 1 if sliding_window else -1
    query, key, value = (states[0].transpose(0, 1) for states in (query, key, value))
    if query.is_cuda:
        # The upper bound on the lengths comes with the texts, see pack_texts.
        longest = max_length_q or len(query)
        bounds = cu_seq_lens_q
        attended = varlen_attn(
            query, key, value, bounds, bounds, longest, longest, scale=scaling, window_size=(window, window)
        )
        assert isinstance(attended, Tensor)
        return attended[None], None
    parts = [
        _attend(query[start:end], key[start:end], value[start:end], scaling, dropout, window)
        for start, end in pairwise(cu_seq_lens_q.tolist())
    ]
    return torch.cat(parts)[None], None


def _attend(
    query: Tensor, key: Tensor, value: Tensor, scaling: float | None, dropout: float, window: int
) -> Tensor:
    """Attend within one text: (tokens, heads, dim)."""
    place = torch.arange(len(query), device=query.device)
    near = (place[:, None] - place[None, :]).abs() <= window if window >= 0 else None
    query, key, value = (states.transpose(0, 1) for states in (query, key, value))
    attended = nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=near, dropout_p=dropout, scale=scaling
    )
    return attended.transpose(0, 1)


def _mask(attention_mask: Tensor | None = None, **options: Any) -> Tensor | None:  # noqa: ANN401 - sdpa_mask's
    """Return no mask where the texts are packed: one of all pairs of tokens would not fit in memory."""
    return None if attention_mask is None else sdpa_mask(attention_mask=attention_mask, **options)
