"""Kinds of base models: completion of what training needs, and refusal of what it cannot train."""

from __future__ import annotations

import logging
from typing import Any

from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.base.modules import Router, Transformer
from torch import Tensor

from dualview.cards.errors import InputError

logger = logging.getLogger("dualview.train")


def complete_tokenizers(model: SentenceTransformer | CrossEncoder, name: str) -> None:
    """Give tokenisers without a padding token one: without it, texts of several lengths make no batch.

    :param name: of the model, for messages.
    :raises InputError: if a tokeniser has no token to pad texts with.
    """
    for module in model.modules():
        if isinstance(module, Transformer):
            _complete_tokenizer(module, name)


def check_base(model: SentenceTransformer, name: str) -> None:
    """Check that a model can be trained.

    :param name: of the model, for messages.
    :raises InputError: if it is a static embedding, or has no routes for queries and documents in its Router.
    """
    for side in ("query", "document"):
        _check_side(model, side, name)


def _complete_tokenizer(module: Transformer, name: str) -> None:
    tokenizer: Any = module.tokenizer
    if tokenizer is None or getattr(tokenizer, "pad_token", None) is not None:
        return
    padding = tokenizer.eos_token or tokenizer.unk_token
    if padding is None:
        raise InputError(f"model {name}: its tokenizer has no token to pad texts with; set its pad_token")
    # Padding is masked, so it may be any token.
    tokenizer.pad_token = padding
    logger.info("model %s: its tokenizer has no padding token; texts are padded with %s", name, padding)


def _check_side(model: SentenceTransformer, side: str, name: str) -> None:
    try:
        features = model.preprocess(["one text", "another one"], task=side)
    except ValueError as error:
        if not isinstance(model[0], Router):
            raise
        routes = ", ".join(model[0].sub_modules)
        raise InputError(
            f"model {name}: its Router has the routes {routes} and none for the task {side!r}; give it "
            "routes 'query' and 'document', or route_mappings for these tasks"
        ) from error
    ids = features.get("input_ids")
    packed = "cu_seq_lens_q" in features
    if not packed and not (isinstance(ids, Tensor) and ids.ndim == 2 and "attention_mask" in features):
        raise InputError(
            f"model {name}: {type(model[0]).__name__} encodes words one by one, and cannot learn what an "
            "instruction makes of a query; choose a model with a transformer"
        )
