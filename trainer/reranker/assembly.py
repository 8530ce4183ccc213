"""Assembly of a reranker's run from its settings."""

from __future__ import annotations

from datasets import DatasetDict, concatenate_datasets
from sentence_transformers import CrossEncoder
from sentence_transformers.cross_encoder.trainer import CrossEncoderTrainer

from dualview.trainer.data.training_data import DualViewData
from dualview.trainer.encoders.embedding import UNLIMITED
from dualview.trainer.encoders.layers import compile_layers, freeze, layer_rates, set_dropout
from dualview.trainer.evaluation.benchmarks.sets.published_sets import benchmark_from_rows
from dualview.trainer.reranker.evaluator import RerankerEvaluator, check_reranker_metric
from dualview.trainer.reranker.lists import ListCollator
from dualview.trainer.reranker.loss import ListwiseLoss
from dualview.trainer.runs.assembly import Run, callbacks_of, is_fsdp
from dualview.trainer.runs.callbacks import RunLog
from dualview.trainer.runs.dual_view_trainer import WatchedTrainer
from dualview.trainer.runs.library_arguments import library_arguments
from dualview.trainer.runs.run_folder import RunFolder
from dualview.trainer.settings.training import TrainingSettings


class RerankerTrainer(WatchedTrainer, CrossEncoderTrainer):
    """CrossEncoderTrainer that watches the loss, and makes no card of its own."""


def build_reranker_run(
    settings: TrainingSettings, model: CrossEncoder, data: DualViewData, folder: RunFolder
) -> Run:
    """Assemble a run.

    :raises InputError: if the settings do not fit the model or the data.
    """
    assert isinstance(data.rows, DatasetDict)  # settings refuse to stream to a reranker
    arguments = library_arguments(settings, data.rows, folder)
    evaluator = None
    if data.validation is not None:
        check_reranker_metric(settings.metric, data.validation)
        evaluator = RerankerEvaluator(benchmark_from_rows(data.validation, settings.template))
    set_dropout(model, settings.dropout)
    freeze(model, settings.frozen_layers)
    if settings.torch_compile:
        compile_layers(model)
    arguments.learning_rate_mapping = layer_rates(model, settings.learning_rate, settings.layer_decay)
    weights = {
        "in_set": settings.in_set_weight,
        "neutral": settings.neutral_weight,
        "doc_to_query": settings.doc_to_query_weight,
        "pointwise": settings.pointwise_weight,
    }
    loss = ListwiseLoss(model, weights, UNLIMITED if is_fsdp() else settings.chunk_tokens)
    log = RunLog(folder, tuple(loss.weights))
    trainer = RerankerTrainer(
        model=model,
        args=arguments,
        train_dataset=data.rows["dual_view"] if len(data.rows) == 1 else data.rows,
        loss=loss,
        evaluator=evaluator,
        data_collator=ListCollator(
            preprocess=model.preprocess,
            corpus=concatenate_datasets(list(data.rows.values())),
            template=settings.template,
            neutral=settings.neutral_weight > 0,
            max_negatives=settings.max_negatives,
            corpus_negatives=settings.corpus_negatives,
        ),
        callbacks=callbacks_of(settings, log),
        diverges_at=settings.diverges_at,
    )
    return Run(trainer, loss, log)
