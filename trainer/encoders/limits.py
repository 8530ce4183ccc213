"""Limits of an encoder: the most tokens that it reads of a text."""

from __future__ import annotations

from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.base.modules import Transformer
from torch import nn

from dualview.cards.errors import InputError

# Tokenisers without a limit have one of 10^30.
_UNLIMITED = 10**9


def read_limit(model: SentenceTransformer | CrossEncoder) -> int | None:
    """Return the tokens at which a model cuts a text; None where it cuts none."""
    limit = model.max_seq_length
    return int(limit) if limit and limit < _UNLIMITED else None


def check_max_tokens(model: SentenceTransformer | CrossEncoder, max_tokens: int, name: str) -> None:
    """Check that an encoder has positions for this many tokens.

    :param name: of the model, for the message.
    :raises InputError: if it has fewer.
    """
    positions = _positions(model)
    if positions is not None and max_tokens > positions:
        raise InputError(f"max_tokens is {max_tokens}; model {name} reads at most {positions} tokens")


def limit_to_positions(model: SentenceTransformer | CrossEncoder) -> None:
    """Cut texts where the encoder's positions end, if its tokeniser does not.

    RoBERTa has 514 positions for 512 tokens; without a limit in its tokeniser, a longer text would end in
    an error of the embedding.
    """
    for module in model.modules():
        if not isinstance(module, Transformer):
            continue
        limit, positions = module.max_seq_length, _positions(module)
        if positions is None or (limit and limit <= positions):
            continue
        # Rotary positions do not end where the configuration says.
        if not limit or limit >= _UNLIMITED or _has_learned_positions(module):
            module.max_seq_length = positions


def position_offset(model: nn.Module) -> int:
    """First position of an encoder: RoBERTa's family counts from after the padding token."""
    for module in model.modules():
        padding = getattr(module, "padding_idx", None)
        if isinstance(padding, int) and isinstance(
            getattr(module, "position_embeddings", None), nn.Embedding
        ):
            return padding + 1
    return 0


def _positions(model: nn.Module) -> int | None:
    """Return the tokens that an encoder has positions for; None where its configuration names none."""
    encoder = getattr(model, "transformers_model", None) or getattr(model, "model", None)
    positions = getattr(getattr(encoder, "config", None), "max_position_embeddings", None)
    return int(positions) - position_offset(model) if positions else None


def _has_learned_positions(model: nn.Module) -> bool:
    return any(
        isinstance(getattr(module, "position_embeddings", None), nn.Embedding) for module in model.modules()
    )
