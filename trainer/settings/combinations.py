"""What the values of a run's settings may be, alone and together."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from dualview.cards.errors import InputError
from dualview.trainer.query_template import check_template

if TYPE_CHECKING:
    from dualview.trainer.settings.training import TrainingSettings

MIXTURES = ("", "ins-orig", "ins-dv", "all-orig", "all-dv", "tri-view", "paraphrase-control")
POOLINGS = ("", "cls", "mean", "lasttoken")
PRECISIONS = ("fp32", "bf16")
REPORTERS = ("tensorboard", "trackio", "wandb")
SCHEDULES = ("linear", "cosine", "constant_with_warmup")


def check_settings(settings: TrainingSettings) -> None:
    """Check values.

    :raises InputError: naming the setting and what it may be.
    """
    for name in ("model", "dataset", "output"):
        if not getattr(settings, name):
            raise InputError(f"{name} is not set; give --{name} or set it in the recipe")
    _check_range(settings, 1, None, "batch_size pairs_per_row max_tokens evaluations logging_steps")
    _check_range(settings, 1, None, "gradient_accumulation")
    _check_range(settings, 0, 1, "base_share warmup plain_share reversed_share layer_decay")
    if settings.dropout != -1 and not 0 <= settings.dropout < 1:
        raise InputError(f"dropout is {settings.dropout:g}; it must be from 0 to below 1, or -1")
    if settings.plain_share == 1:
        raise InputError("plain_share is 1; it must be below, so that something is left to train on")
    _check_range(settings, 0, None, "in_set_weight neutral_weight doc_to_query_weight keep_weight")
    _check_range(settings, 0, None, "keep_documents_weight keep_queries_weight kept_sentences weight_decay")
    _check_range(
        settings,
        0,
        None,
        "max_negatives budget chunk_tokens max_steps epochs batch_views max_grad_norm workers lora_rank",
    )
    _check_range(settings, 0, None, "early_stopping max_hours diverges_at corpus_negatives")
    for name in ("learning_rate", "layer_decay", "temperature"):
        if not getattr(settings, name) > 0:
            raise InputError(f"{name} is {getattr(settings, name)}; it must be positive")
    for name, allowed in (
        ("mixture", MIXTURES),
        ("pooling", POOLINGS),
        ("precision", PRECISIONS),
        ("schedule", SCHEDULES),
    ):
        if getattr(settings, name) not in allowed:
            choices = ", ".join(filter(None, allowed))
            raise InputError(f"{name} is {getattr(settings, name)!r}; it may be {choices}")
    if not settings.max_steps and not settings.epochs:
        raise InputError("max_steps and epochs are both 0; set one of them")
    if any(weight < 0 for weight in settings.source_weights.values()):
        raise InputError("source_weights: a weight must not be negative")
    for name in settings.report_to:
        if name not in REPORTERS:
            raise InputError(f"report_to is {name!r}; it may be {', '.join(REPORTERS)}")
        if importlib.util.find_spec(name) is None:
            raise InputError(f"report_to {name}: the package is not installed; run pip install {name}")
    check_template(settings.template)
    _check_combinations(settings)


def _check_range(settings: TrainingSettings, low: float, high: float | None, names: str) -> None:
    for name in names.split():
        value = getattr(settings, name)
        if not low <= value or (high is not None and value > high):
            bound = f"at least {low}" if high is None else f"between {low} and {high}"
            raise InputError(f"{name} is {value}; it must be {bound}")


def _check_combinations(settings: TrainingSettings) -> None:
    if settings.cached and settings.gradient_checkpointing:
        raise InputError("cached and gradient_checkpointing exclude each other: both trade time for memory")
    if settings.streaming and (not settings.max_steps or settings.keeps_base or settings.plain_share):
        raise InputError(
            "streaming needs max_steps, and takes no frozen_documents, plain_share or weight of keeping "
            "what the base model has"
        )
    if settings.cached and settings.keep_queries_weight:
        raise InputError("keep_queries_weight does not go with cached")
    if settings.frozen_documents and (settings.cached or settings.keep_documents_weight):
        raise InputError(
            "frozen_documents takes neither cached, since only queries are encoded, nor "
            "keep_documents_weight, since no passage moves"
        )
    if settings.corpus_negatives and not (settings.frozen_documents and settings.in_batch_negatives):
        raise InputError(
            "corpus_negatives needs frozen_documents, whose vectors are there, and in_batch_negatives"
        )
    if settings.streaming and (settings.source_weights or len(settings.dataset) > 1):
        raise InputError("streaming reads one dataset and no source_weights")
    if settings.reversed_share != 0.5 and settings.mixture not in ("ins-dv", "all-dv", "tri-view"):
        raise InputError("reversed_share needs a mixture with both views: ins-dv, all-dv or tri-view")
    if settings.mixture and settings.source_weights:
        raise InputError("mixture and source_weights exclude each other: a mixture is counted in samples")
    if settings.lora_rank and settings.frozen_layers >= 0:
        raise InputError(
            "lora_rank and frozen_layers exclude each other: adapters freeze the encoder already"
        )
