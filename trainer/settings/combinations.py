"""Settings that exclude or need each other."""

from __future__ import annotations

import dataclasses
import importlib.util
from typing import TYPE_CHECKING

from dualview.cards.errors import InputError
from dualview.trainer.losses.weights import LossWeights
from dualview.trainer.option import default_of
from dualview.trainer.query_template import check_template
from dualview.trainer.settings.reranker import RERANKER, RETRIEVER

if TYPE_CHECKING:
    from dualview.trainer.settings.training import TrainingSettings

_NEEDED = ("model", "dataset", "out")
# Settings of vectors, which a reranker does not make, and of losses over them.
_OF_RETRIEVERS = (
    "query_prompt",
    "document_prompt",
    "frozen_documents",
    "lora_rank",
    "streaming",
    "temperature",
    "gather_across_devices",
    "matryoshka_dims",
    "cached",
    "query_to_doc_weight",
    "keep_weight",
    "keep_documents_weight",
    "keep_queries_weight",
    "compose_weight",
)
_OF_RERANKERS = ("pointwise_weight",)


def check_combinations(settings: TrainingSettings) -> None:
    """Check settings whose values are right one by one.

    :raises InputError: naming the settings and the remedy.
    """
    for name in _NEEDED:
        if not getattr(settings, name):
            raise InputError(f"{name} is not set; give --{name} or set it in the recipe")
    if not settings.max_steps and not settings.epochs:
        raise InputError("max_steps and epochs are both 0; set one of them")
    for name in settings.report_to:
        if importlib.util.find_spec(name) is None:
            raise InputError(f"report_to {name}: the package is not installed; run pip install {name}")
    check_template(settings.template)
    _check_kind(settings)
    _check_data(settings)
    _check_training(settings)


def _check_kind(settings: TrainingSettings) -> None:
    """Check that nothing is set that only the other kind of model has."""
    other, names = (RETRIEVER, _OF_RETRIEVERS) if settings.kind == RERANKER else (RERANKER, _OF_RERANKERS)
    for field in dataclasses.fields(settings):
        if field.name in names and getattr(settings, field.name) != default_of(field):
            raise InputError(f"{field.name} is for a {other}; leave it out with kind {settings.kind}")
    if settings.kind == RETRIEVER:
        LossWeights.of(settings)  # refuses weights that are all 0


def _check_data(settings: TrainingSettings) -> None:
    if settings.streaming and (not settings.max_steps or settings.keeps_base or settings.plain_share):
        raise InputError(
            "streaming needs max_steps, and excludes frozen_documents, plain_share, corpus_negatives, "
            "compose_weight and the keep_… weights"
        )
    if settings.streaming and (settings.source_weights or len(settings.dataset) > 1):
        raise InputError("streaming reads one dataset and no source_weights")
    if settings.reversed_share != 0.5 and settings.mixture not in ("ins-dv", "all-dv", "tri-view"):
        raise InputError("reversed_share needs a mixture with both views: ins-dv, all-dv or tri-view")
    if settings.mixture and settings.source_weights:
        raise InputError("mixture and source_weights exclude each other: a mixture is counted in samples")
    if settings.corpus_negatives and not settings.in_batch_negatives:
        raise InputError("corpus_negatives needs in_batch_negatives")


def _check_training(settings: TrainingSettings) -> None:
    if settings.cached and settings.gradient_checkpointing:
        raise InputError("cached and gradient_checkpointing exclude each other: both trade time for memory")
    if settings.frozen_documents and (settings.cached or settings.keep_documents_weight):
        raise InputError(
            "frozen_documents excludes cached, since queries alone are encoded, and keep_documents_weight, "
            "since no passage moves"
        )
    if settings.lora_rank and settings.frozen_layers >= 0:
        raise InputError(
            "lora_rank and frozen_layers exclude each other: adapters freeze the encoder already"
        )
    if settings.early_stopping and not settings.evaluations:
        raise InputError("early_stopping needs evaluations; set evaluations to at least 1")
