"""Putting a run together from the settings: loss, batches, evaluator, callbacks, arguments."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from datasets import Dataset, DatasetDict, IterableDataset, concatenate_datasets
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.training_args import SentenceTransformerTrainingArguments
from transformers import EarlyStoppingCallback, ProgressCallback, TrainerCallback
from transformers.trainer_callback import PrinterCallback

from dualview.cards.errors import InputError
from dualview.trainer.batches.base_embeddings import BaseEmbeddings, base_embeddings
from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.data.mixtures import MIXTURES
from dualview.trainer.data.published import DualViewData
from dualview.trainer.encoders.dropout import set_dropout
from dualview.trainer.encoders.embedding import UNLIMITED
from dualview.trainer.encoders.freezing import freeze
from dualview.trainer.encoders.layer_rates import layer_rates
from dualview.trainer.encoders.layers import encoder_layers
from dualview.trainer.encoders.lora import add_lora
from dualview.trainer.encoders.models import training_prompts
from dualview.trainer.evaluation.benchmarks.candidate_sets import benchmark_from_rows
from dualview.trainer.evaluation.flip_evaluator import FlipEvaluator, check_metric
from dualview.trainer.losses.cached import CachedDualViewLoss
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.losses.matryoshka import MatryoshkaDualViewLoss
from dualview.trainer.runs.callbacks import EvaluateLastStep, RunLog, StopAfterHours
from dualview.trainer.runs.dual_view_trainer import DualViewTrainer, EpochBatchSampler
from dualview.trainer.runs.run_folder import RunFolder
from dualview.trainer.settings.training import TrainingSettings


@dataclass(frozen=True)
class Run:
    """What trains, the loss it trains with, and what keeps the log."""

    trainer: DualViewTrainer
    loss: torch.nn.Module
    log: RunLog


def build_run(
    settings: TrainingSettings, model: SentenceTransformer, data: DualViewData, folder: RunFolder
) -> Run:
    """Put a run together.

    :raises InputError: if the settings do not fit the model or the data.
    """
    arguments = _arguments(settings, data.rows, folder)
    cache = Path(settings.base_cache) if settings.base_cache else folder.base_embeddings
    evaluator = FlipEvaluator(
        benchmark_from_rows(data.validation, settings.template),
        cache=cache / "evaluation" if settings.frozen_documents else None,
    )
    check_metric(settings.metric, data.validation)
    prompts = training_prompts(model)
    # Nothing has been trained or added yet: this is the base model.
    base = _base(settings, model, data, cache, arguments) if settings.keeps_base else None
    set_dropout(model, settings.dropout)
    freeze(model, settings.frozen_layers)
    if settings.lora_rank:
        add_lora(model, settings.lora_rank)
    if settings.torch_compile:
        _, layers = encoder_layers(model, "torch_compile")
        for layer in layers:
            layer.compile()
    arguments.learning_rate_mapping = layer_rates(model, settings.learning_rate, settings.layer_decay)
    loss = build_loss(settings, model)
    log = RunLog(folder, loss.weights)
    callbacks: list[TrainerCallback] = [log, EvaluateLastStep()]
    if settings.early_stopping:
        callbacks.append(EarlyStoppingCallback(settings.early_stopping))
    if settings.max_hours:
        callbacks.append(StopAfterHours(settings.max_hours))
    trained = (
        MatryoshkaDualViewLoss(model, loss, settings.matryoshka_dims) if settings.matryoshka_dims else loss
    )
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
            neutral=bool(loss.weights["neutral"] or loss.weights["keep"]),
            max_negatives=settings.max_negatives,
            base=base,
            frozen_documents=settings.frozen_documents,
            corpus_negatives=settings.corpus_negatives,
            keeps_queries=settings.keep_queries_weight > 0,
            kept_sentences=settings.kept_sentences,
        ),
        callbacks=callbacks,
        diverges_at=settings.diverges_at,
    )
    for printing in (ProgressCallback, PrinterCallback):  # both write to standard output
        trainer.remove_callback(printing)
    return Run(trainer, trained, log)


def _base(
    settings: TrainingSettings,
    model: SentenceTransformer,
    data: DualViewData,
    cache: Path,
    arguments: SentenceTransformerTrainingArguments,
) -> BaseEmbeddings:
    assert isinstance(data.rows, DatasetDict)  # settings refuse what keeps the base with streaming
    rows: Any = concatenate_datasets(list(data.rows.values()))
    with arguments.main_process_first(local=False, desc="base embeddings"):
        return base_embeddings(
            model,
            rows,
            cache,
            keeps_sentences=settings.keep_queries_weight > 0,
            keeps_corpus=settings.corpus_negatives > 0,
            bf16=settings.precision == "bf16",
        )


def build_loss(settings: TrainingSettings, model: SentenceTransformer) -> DualViewLoss:
    """Make the loss that the settings describe.

    :raises InputError: if the weights do not fit the mixture, or FSDP is to go with caching.
    """
    neutral_weight = settings.neutral_weight
    if settings.mixture:
        if not MIXTURES[settings.mixture].neutral:
            if settings.keep_weight:
                raise InputError(
                    f"mixture {settings.mixture} has no bare queries that keep_weight could keep; set it to 0"
                )
            neutral_weight = 0.0
        elif not neutral_weight:
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
        in_batch_negatives=settings.in_batch_negatives,
        gather_across_devices=settings.gather_across_devices,
        in_set_weight=settings.in_set_weight,
        neutral_weight=neutral_weight,
        doc_to_query_weight=settings.doc_to_query_weight,
        keep_weight=settings.keep_weight,
        keep_documents_weight=settings.keep_documents_weight,
        keep_queries_weight=settings.keep_queries_weight,
        chunk_tokens=chunk_tokens,
    )


def is_fsdp() -> bool:
    """Whether accelerate was told to share the weights between processes."""
    return os.environ.get("ACCELERATE_USE_FSDP", "false").lower() == "true"


def _train_dataset(rows: DatasetDict | IterableDataset) -> Dataset | DatasetDict | IterableDataset:
    return rows["dual_view"] if isinstance(rows, DatasetDict) and len(rows) == 1 else rows


def _arguments(
    settings: TrainingSettings, rows: DatasetDict | IterableDataset, folder: RunFolder
) -> SentenceTransformerTrainingArguments:
    """Translate the settings into the library's."""
    batch_size = rows_per_batch(settings, rows)
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder.checkpoints),
        per_device_train_batch_size=batch_size,
        gradient_accumulation_steps=settings.gradient_accumulation,
        activation_checkpointing=settings.gradient_checkpointing,
        learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.schedule,
        warmup_steps=settings.warmup,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        bf16=settings.precision == "bf16",
        seed=settings.seed,
        use_cpu=PartialState().device.type == "cpu",
        batch_sampler=EpochBatchSampler,
        dataloader_num_workers=settings.workers,
        eval_strategy="steps",
        save_strategy="steps",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=f"eval_{settings.metric}",
        greater_is_better=True,
        logging_steps=settings.logging_steps,
        logging_first_step=True,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        remove_unused_columns=False,
        # Processes differ in how many forward passes their texts need: none may wait for another in one.
        ddp_broadcast_buffers=False,
        # A batch's parts differ in length, so no process may cut it for the others.
        accelerator_config={"dispatch_batches": False},
        report_to=settings.report_to or "none",
    )
    arguments.max_steps = settings.max_steps or _steps(settings, rows, batch_size, arguments.world_size)
    arguments.eval_steps = arguments.save_steps = max(
        1, math.ceil(arguments.max_steps / settings.evaluations)
    )
    return arguments


def rows_per_batch(settings: TrainingSettings, rows: DatasetDict | IterableDataset) -> int:
    """Rows a step and process: as set, or as many as hold the views that were asked for."""
    if not settings.batch_views:
        return settings.batch_size
    if isinstance(rows, IterableDataset):
        raise InputError("batch_views needs rows that can be counted; leave out streaming, or set batch_size")
    asked = rows["dual_view"]
    views = sum(map(len, asked["instructions"])) + sum(asked["neutral"])
    return max(1, round(settings.batch_views * len(asked) / views))


def _steps(
    settings: TrainingSettings, rows: DatasetDict | IterableDataset, batch_size: int, processes: int
) -> int:
    """Optimiser steps of so many passes over the rows.

    :raises InputError: if the processes have more places in a batch than there are rows.
    """
    assert isinstance(rows, DatasetDict)  # settings refuse epochs with streaming
    batches = 0
    for part in rows.values():
        # Several processes leave out the batches that not all of them can have.
        batches += (
            math.ceil(len(part) / batch_size) if processes == 1 else len(part) // (batch_size * processes)
        )
    if not batches:
        raise InputError(
            f"{processes} processes with batches of {batch_size} rows have more places than rows"
        )
    return max(1, round(settings.epochs * math.ceil(batches / settings.gradient_accumulation)))
