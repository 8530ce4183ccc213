"""Assembly of a run from its settings: loss, batches, evaluator and callbacks."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, DatasetDict, IterableDataset, concatenate_datasets
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.evaluation import BaseEvaluator, SequentialEvaluator
from sentence_transformers.base.training_args import BaseTrainingArguments
from transformers import EarlyStoppingCallback, TrainerCallback

from dualview.cards.errors import InputError
from dualview.trainer.batches.base_embeddings import BaseEmbeddings, base_embeddings
from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.batches.compositions import CompositionRule, Compositions
from dualview.trainer.data.mixtures import MIXTURES
from dualview.trainer.data.training_data import DualViewData
from dualview.trainer.encoders.embedding import UNLIMITED
from dualview.trainer.encoders.layers import compile_layers, freeze, layer_rates, set_dropout
from dualview.trainer.encoders.lora import add_lora
from dualview.trainer.encoders.models import training_prompts
from dualview.trainer.encoders.precision import computes_in_bfloat16
from dualview.trainer.evaluation.benchmarks.sets.published_sets import benchmark_from_rows
from dualview.trainer.evaluation.flip_evaluator import FlipEvaluator, check_metric
from dualview.trainer.losses.cached import CachedDualViewLoss
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.losses.matryoshka import MatryoshkaDualViewLoss
from dualview.trainer.losses.weights import LossWeights
from dualview.trainer.runs.base_model import query_limit
from dualview.trainer.runs.callbacks import KeepLastStep, RunLog, StopAfterHours
from dualview.trainer.runs.composition_evaluator import evaluator_of
from dualview.trainer.runs.dual_view_trainer import DualViewTrainer, WatchedTrainer
from dualview.trainer.runs.library_arguments import library_arguments
from dualview.trainer.runs.run_folder import RunFolder
from dualview.trainer.settings.training import TrainingSettings


@dataclass(frozen=True)
class Run:
    """Trainer of a run, the loss that it trains with, and the log of the run."""

    trainer: WatchedTrainer
    loss: torch.nn.Module
    log: RunLog


def build_run(
    settings: TrainingSettings, model: SentenceTransformer, data: DualViewData, folder: RunFolder
) -> Run:
    """Assemble a run.

    :raises InputError: if the settings do not fit the model or the data.
    """
    arguments = library_arguments(settings, data.rows, folder)
    cache = Path(settings.base_cache) if settings.base_cache else folder.base_embeddings
    evaluator = _evaluator(settings, data, cache)
    prompts = training_prompts(model)
    # Nothing has been trained or added yet: this is the base model.
    base = _base(settings, model, data, cache, arguments) if settings.keeps_base else None
    if evaluator is not None and data.compositions is not None:
        held_out = data.compositions["validation"]
        held = evaluator_of(model, held_out, _rule(settings))
        evaluator = SequentialEvaluator([evaluator, held], main_score_function=lambda scores: scores[0])
    set_dropout(model, settings.dropout)
    freeze(model, settings.frozen_layers)
    if settings.lora_rank:
        add_lora(model, settings.lora_rank)
    if settings.torch_compile:
        compile_layers(model)
    arguments.learning_rate_mapping = layer_rates(model, settings.learning_rate, settings.layer_decay)
    loss = build_loss(settings, model)
    log = RunLog(folder, tuple(loss.weights.active()))
    trained = (
        MatryoshkaDualViewLoss(model, loss, settings.matryoshka_dims) if settings.matryoshka_dims else loss
    )
    # The library's card for checkpoints would encode examples.
    model.model_card_data.generate_widget_examples = False
    trainer = DualViewTrainer(
        model=model,
        args=arguments,
        train_dataset=_train_dataset(data.rows),
        loss=trained,
        evaluator=evaluator,
        data_collator=CandidateSetCollator(
            preprocess_fn=model.preprocess,
            prompts=prompts,
            template=settings.template,
            neutral=bool(loss.weights.neutral_weight or loss.weights.keep_weight),
            max_negatives=settings.max_negatives,
            base=base,
            frozen_documents=settings.frozen_documents,
            query_tokens=query_limit(settings, model),
            corpus_negatives=settings.corpus_negatives,
            keeps_queries=settings.keep_queries_weight > 0,
            kept_sentences=settings.kept_sentences,
            compositions=settings.compositions if settings.compose_weight else 0,
        ),
        callbacks=callbacks_of(settings, log),
        diverges_at=settings.diverges_at,
    )
    return Run(trainer, trained, log)


def build_loss(settings: TrainingSettings, model: SentenceTransformer) -> DualViewLoss:
    """Make the loss that the settings describe.

    :raises InputError: if the weights do not fit the mixture, or FSDP is combined with caching.
    """
    weights = LossWeights.of(settings)
    if settings.mixture:
        if not MIXTURES[settings.mixture].neutral:
            if settings.keep_weight:
                raise InputError(
                    f"mixture {settings.mixture} has no bare queries that keep_weight could keep; set it to 0"
                )
            weights = replace(weights, neutral_weight=0.0)
        elif not settings.neutral_weight:
            raise InputError(
                f"mixture {settings.mixture} trains on bare queries: neutral_weight must not be 0"
            )
    chunk_tokens = settings.chunk_tokens
    if is_fsdp():
        if settings.cached:
            raise InputError("cached does not go with FSDP: processes would wait for each other; use DDP")
        # Every forward pass fetches the others' weights, so all processes need the same number: one a column.
        chunk_tokens = UNLIMITED
    kind = CachedDualViewLoss if settings.cached else DualViewLoss
    return kind(
        model,
        settings.temperature,
        weights=weights,
        in_batch_negatives=settings.in_batch_negatives,
        gather_across_devices=settings.gather_across_devices,
        chunk_tokens=chunk_tokens,
    )


def is_fsdp() -> bool:
    """Return whether accelerate shares the weights between processes (FSDP)."""
    return os.environ.get("ACCELERATE_USE_FSDP", "false").lower() == "true"


def _evaluator(settings: TrainingSettings, data: DualViewData, cache: Path) -> BaseEvaluator | None:
    if data.validation is None:
        return None
    check_metric(settings.metric, data.validation)
    return FlipEvaluator(
        benchmark_from_rows(data.validation, settings.template),
        cache=cache / "evaluation" if settings.frozen_documents else None,
    )


def _base(
    settings: TrainingSettings,
    model: SentenceTransformer,
    data: DualViewData,
    cache: Path,
    arguments: BaseTrainingArguments,
) -> BaseEmbeddings:
    assert isinstance(data.rows, DatasetDict)  # settings refuse what keeps the base with streaming
    rows: Any = concatenate_datasets(list(data.rows.values()))
    compositions = None
    if data.compositions is not None:
        steps = arguments.max_steps * settings.gradient_accumulation * arguments.world_size
        drawn = steps * settings.compositions
        compositions = Compositions(data.compositions["train"], _rule(settings), most=drawn)
    with arguments.main_process_first(local=False, desc="base embeddings"):
        return base_embeddings(
            model,
            rows,
            cache,
            keeps_sentences=settings.keep_queries_weight > 0,
            keeps_corpus=settings.corpus_negatives > 0,
            bf16=computes_in_bfloat16(settings.precision, model.device.type),
            compositions=compositions,
        )


def _rule(settings: TrainingSettings) -> CompositionRule:
    return CompositionRule(settings.compose_alpha, settings.compose_beta, settings.compose_orthogonal)


def callbacks_of(settings: TrainingSettings, log: RunLog) -> list[TrainerCallback]:
    """Return the callbacks of a run: its log, and what ends it."""
    callbacks: list[TrainerCallback] = [log, KeepLastStep()]
    if settings.early_stopping:
        callbacks.append(EarlyStoppingCallback(settings.early_stopping))
    if settings.max_hours:
        callbacks.append(StopAfterHours(settings.max_hours))
    return callbacks


def _train_dataset(rows: DatasetDict | IterableDataset) -> Dataset | DatasetDict | IterableDataset:
    return rows["dual_view"] if isinstance(rows, DatasetDict) and len(rows) == 1 else rows
