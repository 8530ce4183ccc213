"""Base model of a run, as its settings want it loaded."""

from __future__ import annotations

from typing import Any

from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling

from dualview.cards.errors import InputError
from dualview.trainer.encoders.models import load_model
from dualview.trainer.encoders.sides import split_sides
from dualview.trainer.settings.training import TrainingSettings


def load_base_model(settings: TrainingSettings) -> SentenceTransformer:
    """Load the model that a run starts from, with the prompts that it is trained and saved with.

    :raises InputError: see :func:`dualview.trainer.encoders.models.load_model`.
    """
    options: dict[str, Any] = {"trust_remote_code": settings.trust_remote_code}
    if settings.model_revision:
        options["revision"] = settings.model_revision
    model = load_model(
        settings.model, settings.max_tokens, attn_implementation=settings.attn_implementation, **options
    )
    if settings.pooling:
        _set_pooling(model, settings)
    for name, prompt in (("query", settings.query_prompt), ("document", settings.document_prompt)):
        if prompt:
            model.prompts[name] = prompt
    return split_sides(model) if settings.frozen_documents else model


def _set_pooling(model: SentenceTransformer, settings: TrainingSettings) -> None:
    pooling = next((module for module in model if isinstance(module, Pooling)), None)
    if pooling is None:
        raise InputError(f"pooling: model {settings.model} pools by itself; leave it out")
    pooling.pooling_mode = settings.pooling
