"""Base model of a run, as its settings want it loaded."""

from __future__ import annotations

import hashlib
from typing import Any

from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling
from torch import nn

from dualview.cards.errors import InputError
from dualview.trainer.encoders.base_kinds import check_base
from dualview.trainer.encoders.layers import use_plain_attention
from dualview.trainer.encoders.limits import check_max_tokens, read_limit
from dualview.trainer.encoders.models import load_model, training_prompts
from dualview.trainer.encoders.precision import computes_in_bfloat16
from dualview.trainer.encoders.sides import is_split, modules_of, split_sides
from dualview.trainer.evaluation.rankers.text_encoder import model_key
from dualview.trainer.settings.training import TrainingSettings

# Up to so many tokens, plain attention is faster than the fused one in bfloat16 on a CPU.
_SHORT_TEXT = 320
_FROZEN = "with frozen_documents, passages keep the base model's vectors"


def load_base_model(settings: TrainingSettings) -> SentenceTransformer:
    """Load the model that a run starts from, with the prompts that it is trained and saved with.

    With ``frozen_documents`` it keeps its own limit of tokens, and everything else that its vectors of
    passages depend on; :func:`query_limit` is then the limit of the queries in training.

    :raises InputError: see :func:`dualview.trainer.encoders.models.load_model` and
        :func:`dualview.trainer.encoders.base_kinds.check_base`; or if a setting would change the vectors
        of passages that ``frozen_documents`` keeps, or does not go with two encoders.
    """
    options: dict[str, Any] = {"trust_remote_code": settings.trust_remote_code}
    if settings.model_revision:
        options["revision"] = settings.model_revision
    limit = None if settings.frozen_documents else settings.max_tokens
    model = load_model(settings.model, limit, attn_implementation=settings.attn_implementation, **options)
    check_base(model, settings.model)
    check_max_tokens(model, settings.max_tokens, settings.model)
    before = training_prompts(model)["document"]
    if settings.pooling:
        _set_pooling(model, settings)
    for name, prompt in (("query", settings.query_prompt), ("document", settings.document_prompt)):
        if prompt:
            model.prompts[name] = prompt
    if settings.frozen_documents:
        if training_prompts(model)["document"] != before:
            raise InputError(
                f"document_prompt: {_FROZEN}, and it puts {before!r} before them; leave it out, or store the "
                "prompt in the base model first"
            )
        model = split_sides(model)
    if settings.lora_rank and is_split(model):
        # transformers looks for the base weights in a folder of the route's name and finds none.
        raise InputError(
            "lora_rank: queries and passages have an encoder each (with frozen_documents, or in the model's "
            "Router), and checkpoints with adapters in one of two cannot be loaded again; leave it out"
        )
    choose_attention(modules_of(model, "query") if settings.frozen_documents else model, settings)
    return model


def choose_attention(model: nn.Module, settings: TrainingSettings) -> None:
    """Let a model that will be trained compute attention by plain products where that is faster, in place.

    On long texts their memory would grow with the square of the length.

    :param model: a retriever or reranker, or the part of it that is trained.
    """
    on_cpu = next(model.parameters()).device.type == "cpu"
    short = settings.max_tokens <= _SHORT_TEXT and not settings.attn_implementation
    if on_cpu and short and computes_in_bfloat16(settings.precision, "cpu"):
        use_plain_attention(model)


def base_key(model: SentenceTransformer | CrossEncoder) -> str:
    """Hash a base model: its weights, tokeniser, modules and prompts, wherever it was loaded from."""
    sides = ("query", "document") if is_split(model) else ("query",)
    parts = [*(model_key(model, side) for side in sides), sorted(training_prompts(model).items())]
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()


def query_limit(settings: TrainingSettings, model: SentenceTransformer) -> int | None:
    """Return the tokens at which training cuts queries where the model's own limit is another."""
    if not settings.frozen_documents:
        return None
    own = read_limit(model)
    return settings.max_tokens if own is None else min(own, settings.max_tokens)


def _set_pooling(model: SentenceTransformer, settings: TrainingSettings) -> None:
    pooling = next((module for module in model if isinstance(module, Pooling)), None)
    if pooling is None:
        raise InputError(f"pooling: model {settings.model} pools by itself; leave it out")
    if settings.frozen_documents and pooling.pooling_mode != settings.pooling:
        raise InputError(
            f"pooling: {_FROZEN}, and it has {pooling.pooling_mode!r}; leave it out, or store the pooling in "
            "the base model first"
        )
    pooling.pooling_mode = settings.pooling
