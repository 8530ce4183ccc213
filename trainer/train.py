"""Train a retriever on all views of each candidate set at once.

From a clone, on any number of processes:

    accelerate launch trainer/train.py --recipe trainer/recipes/quickstart.yaml
    accelerate launch trainer/train.py --recipe trainer/recipes/quickstart.yaml --dataset ./my-dualview

The same command goes on from the last checkpoint after an interruption, and does nothing once the model in
``--output`` is the one that these settings give.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
import transformers
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
from sentence_transformers.sentence_transformer.training_args import SentenceTransformerTrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from trainer.arguments import TrainingSettings, parse_settings
from trainer.averaging import average_with_base
from trainer.collator import CandidateSetCollator
from trainer.data import DualViewData, load_dual_view
from trainer.errors import InputError
from trainer.evaluation.candidate_sets import benchmark_from_rows
from trainer.evaluation.flip_evaluator import FlipEvaluator
from trainer.freezing import freeze
from trainer.loss import DualViewLoss
from trainer.model_card import write_card
from trainer.models import load_model
from trainer.run_folder import RunFolder

logger = logging.getLogger("dualview.train")


def train(settings: TrainingSettings) -> Path:
    """Train, and return the folder of the finished model.

    :raises InputError: if the model, the data set or the output folder cannot be used.
    """
    folder = RunFolder(Path(settings.output), settings)
    if folder.is_finished():
        logger.info("already trained with these settings: %s", folder.model)
        return folder.model
    folder.prepare()
    transformers.set_seed(settings.seed)
    model = load_model(settings.model, settings.max_tokens)
    data = load_dual_view(settings)
    freeze(model, settings.frozen_layers)
    trainer = _trainer(settings, model, data, folder)
    started = time.monotonic()
    checkpoint = get_last_checkpoint(str(folder.checkpoints)) if folder.checkpoints.is_dir() else None
    if checkpoint:
        logger.info("going on from %s", checkpoint)
    trainer.train(resume_from_checkpoint=checkpoint)
    seconds = folder.add_seconds(time.monotonic() - started)
    if trainer.is_world_process_zero():
        if settings.base_share:
            average_with_base(model, load_model(settings.model, settings.max_tokens), settings.base_share)
        _finish(settings, trainer, model, data, folder, seconds)
    trainer.accelerator.wait_for_everyone()
    return folder.model


def _trainer(
    settings: TrainingSettings, model: SentenceTransformer, data: DualViewData, folder: RunFolder
) -> SentenceTransformerTrainer:
    loss = DualViewLoss(
        model,
        settings.temperature,
        in_batch_negatives=settings.in_batch_negatives,
        neutral_weight=settings.neutral_weight,
        doc_to_query_weight=settings.doc_to_query_weight,
    )
    every = max(1, settings.max_steps // settings.evaluations)
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder.checkpoints),
        max_steps=settings.max_steps,
        per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        warmup_steps=settings.warmup,
        weight_decay=settings.weight_decay,
        seed=settings.seed,
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=f"eval_{settings.metric}",
        greater_is_better=True,
        logging_steps=settings.logging_steps,
        logging_first_step=True,
        remove_unused_columns=False,
        report_to="none",
    )
    return SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=data.rows,
        loss=loss,
        evaluator=FlipEvaluator(benchmark_from_rows(data.validation, settings.template)),
        data_collator=CandidateSetCollator(
            preprocess_fn=model.preprocess,
            template=settings.template,
            neutral=settings.neutral_weight > 0,
            max_hard_negatives=settings.max_hard_negatives,
        ),
    )
