"""Loading of what a reranker's training starts from: a CrossEncoder, or an encoder with a new head."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Dense, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from torch import nn
from transformers import AutoConfig
from transformers.utils import logging as transformers_logging

from dualview.cards.errors import InputError, reason_of
from dualview.cards.hub.errors import explain_known
from dualview.trainer.encoders.base_kinds import complete_tokenizers
from dualview.trainer.encoders.limits import check_max_tokens, limit_to_positions
from dualview.trainer.encoders.models import load_model, resolve_model
from dualview.trainer.runs.base_model import choose_attention
from dualview.trainer.settings.training import TrainingSettings

_TRAINED_HEAD = "ForSequenceClassification"


def load_reranker(settings: TrainingSettings) -> CrossEncoder:
    """Load a CrossEncoder with one score, cut at ``max_tokens`` tokens of query and passage together.

    An encoder gets a new head: the one of its architecture, or, with ``pooling``, a linear layer over the
    pooled token vectors. The latter suits encoders whose sentence vectors were trained: their first token, on
    which most architectures' heads build, was not.

    Scores are not squashed: ``predict`` returns them as the loss compares them.

    :raises InputError: if the model cannot be loaded or read so many tokens, or has another kind of head.
    """
    model = _with_pooling(settings) if settings.pooling else _with_own_head(settings)
    if model.num_labels != 1:
        raise InputError(f"model {settings.model}: gives {model.num_labels} scores; a reranker needs one")
    complete_tokenizers(model, settings.model)
    limit_to_positions(model)
    check_max_tokens(model, settings.max_tokens, settings.model)
    model.max_seq_length = settings.max_tokens
    model.activation_fn = nn.Identity()
    choose_attention(model, settings)
    return model


def _with_own_head(settings: TrainingSettings) -> CrossEncoder:
    options = _options(settings)
    if settings.attn_implementation:
        options["model_kwargs"] = {"attn_implementation": settings.attn_implementation}
    with _errors_in_a_line(settings.model), _head_expected():
        model: CrossEncoder = CrossEncoder(resolve_model(settings.model), num_labels=1, **options)
    return model


def _with_pooling(settings: TrainingSettings) -> CrossEncoder:
    name = settings.model
    with _errors_in_a_line(name):
        config = AutoConfig.from_pretrained(resolve_model(name), **_options(settings))
    if any(architecture.endswith(_TRAINED_HEAD) for architecture in config.architectures or ()):
        raise InputError(f"pooling: model {name} is a CrossEncoder, whose head is trained; leave it out")
    encoder = load_model(name, attn_implementation=settings.attn_implementation, **_options(settings))
    first = encoder[0]
    if not isinstance(first, Transformer):
        raise InputError(f"pooling: model {name} has no single encoder to pool; leave it out")
    dimension = first.get_embedding_dimension()
    head = Dense(dimension, 1, activation_function=nn.Identity(), module_output_name="scores")
    pooling = Pooling(dimension, settings.pooling)
    model: CrossEncoder = CrossEncoder(modules=[first, pooling, head], device=str(encoder.device))
    return model


def _options(settings: TrainingSettings) -> dict[str, Any]:
    options: dict[str, Any] = {"trust_remote_code": settings.trust_remote_code}
    return options | ({"revision": settings.model_revision} if settings.model_revision else {})


@contextmanager
def _errors_in_a_line(name: str) -> Iterator[None]:
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError, InputError):
        raise
    except Exception as error:  # of the Hub, of a file's format, and others
        raise InputError(
            explain_known(error, name)
            or f"model {name}: cannot be loaded ({reason_of(error)}); check the folder or Hub id"
        ) from error


@contextmanager
def _head_expected() -> Iterator[None]:
    """Hide transformers' report that an encoder has no trained head."""
    before = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(before)
