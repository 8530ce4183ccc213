"""Training arguments of sentence-transformers, from the settings."""

from __future__ import annotations

import math
from typing import Any

from accelerate import PartialState
from datasets import DatasetDict, IterableDataset
from sentence_transformers.base.training_args import BaseTrainingArguments
from sentence_transformers.cross_encoder.training_args import CrossEncoderTrainingArguments
from sentence_transformers.sentence_transformer.training_args import SentenceTransformerTrainingArguments

from dualview.cards.errors import InputError
from dualview.trainer.batches.sampler import EpochBatchSampler
from dualview.trainer.encoders.precision import computes_in_bfloat16
from dualview.trainer.evaluation.flip_evaluator import greater_is_better
from dualview.trainer.runs.run_folder import RunFolder
from dualview.trainer.settings.reranker import RERANKER, RETRIEVER
from dualview.trainer.settings.training import TrainingSettings

_KINDS: dict[str, type[BaseTrainingArguments]] = {
    RETRIEVER: SentenceTransformerTrainingArguments,
    RERANKER: CrossEncoderTrainingArguments,
}
# Checkpoints of a run that evaluates nothing, so that an interruption costs no more than a third of it.
_CHECKPOINTS = 3


def library_arguments(
    settings: TrainingSettings, rows: DatasetDict | IterableDataset, folder: RunFolder
) -> BaseTrainingArguments:
    """Translate the settings into the library's.

    :raises InputError: if the batches do not fit the rows.
    """
    batch_size = rows_per_batch(settings, rows)
    arguments = _KINDS[settings.kind](
        output_dir=str(folder.checkpoints),
        per_device_train_batch_size=batch_size,
        gradient_accumulation_steps=settings.gradient_accumulation,
        activation_checkpointing=settings.gradient_checkpointing,
        learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.schedule,
        warmup_steps=settings.warmup,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        bf16=computes_in_bfloat16(settings.precision, PartialState().device.type),
        seed=settings.seed,
        use_cpu=PartialState().device.type == "cpu",
        batch_sampler=EpochBatchSampler,
        dataloader_num_workers=settings.workers,
        save_strategy="steps",
        save_total_limit=2,
        logging_steps=settings.logging_steps,
        logging_first_step=True,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        # Processes differ in how many forward passes their texts need: none may wait for another in one.
        ddp_broadcast_buffers=False,
        # A batch's parts differ in length, so no process may cut it for the others.
        accelerator_config={"dispatch_batches": False},
        report_to=settings.report_to or "none",
        **_evaluation(settings),
    )
    arguments.max_steps = settings.max_steps or _steps(settings, rows, batch_size, arguments.world_size)
    parts = settings.evaluations or _CHECKPOINTS
    arguments.eval_steps = arguments.save_steps = max(1, math.ceil(arguments.max_steps / parts))
    return arguments


def _evaluation(settings: TrainingSettings) -> dict[str, Any]:
    if not settings.evaluations:
        return {"eval_strategy": "no"}
    return {
        "eval_strategy": "steps",
        "load_best_model_at_end": True,
        "metric_for_best_model": f"eval_{settings.metric}",
        "greater_is_better": greater_is_better(settings.metric),
    }


def rows_per_batch(settings: TrainingSettings, rows: DatasetDict | IterableDataset) -> int:
    """Return the rows of a batch: the number that was set, or that gives the views that were set.

    :raises InputError: if views are to be counted in rows that are streamed.
    """
    if not settings.batch_views:
        return settings.batch_size
    if isinstance(rows, IterableDataset):
        raise InputError("batch_views needs rows that can be counted; leave out streaming, or set batch_size")
    asked = rows["dual_view"]
    views: int = sum(map(len, asked["instructions"])) + sum(asked["neutral"])
    return max(1, round(settings.batch_views * len(asked) / views))


def _steps(
    settings: TrainingSettings, rows: DatasetDict | IterableDataset, batch_size: int, processes: int
) -> int:
    """Return the optimiser steps of the passes over the rows.

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
            f"{processes} processes with batches of {batch_size} rows have more places than rows; lower "
            "batch_size"
        )
    return max(1, round(settings.epochs * math.ceil(batches / settings.gradient_accumulation)))
