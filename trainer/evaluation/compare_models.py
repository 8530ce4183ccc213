"""Measure two models on the same data, one after the other."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from datasets import Dataset
from sentence_transformers import SentenceTransformer

from trainer.data import load_rows, needed_split
from trainer.evaluation.candidate_sets import benchmark_from_rows
from trainer.evaluation.comparison import ComparedFigure, compare_figures
from trainer.evaluation.model_names import instruction_template
from trainer.evaluation.retrieval import retrieval_figures
from trainer.evaluation.retrieval_data import RetrievalData, read_retrieval_data
from trainer.evaluation.scoring import (
    Figures,
    chance_by_source,
    counts_by_source,
    encode_benchmark,
    figures_by_source,
)
from trainer.models import load_model


@dataclass(frozen=True)
class ComparedModels:
    """The figures of both models, and how each joins query and instruction."""

    figures: tuple[ComparedFigure, ...]
    template: str
    baseline_template: str


@dataclass(frozen=True)
class _Measured:
    on_sets: dict[str, Figures]
    on_retrieval: dict[str, Figures]
    chances: dict[tuple[str, str], float]
    details: dict[str, str]
    template: str


def compare_models(
    model: str,
    baseline: str,
    dataset: str | None,
    split: str,
    retrieval: Path | None,
    batch_size: int = 32,
    max_tokens: int | None = None,
) -> ComparedModels:
    """Measure both models and compare figure by figure.

    :param dataset: a dual-view dataset, or None.
    :param retrieval: a folder in BEIR's layout, or None.
    :raises InputError: if a model or some data cannot be read.
    """
    rows = needed_split(load_rows(dataset), split, dataset) if dataset else None
    data = read_retrieval_data(retrieval, split) if retrieval else None
    loaded = [(name, load_model(name, max_tokens)) for name in (model, baseline)]
    ours, theirs = (_measure(name, one, rows, data, batch_size) for name, one in loaded)
    figures: list[ComparedFigure] = []
    if dataset:
        name = Path(dataset).name if Path(dataset).exists() else dataset
        figures += compare_figures(ours.on_sets, theirs.on_sets, name, split, ours.chances, ours.details)
    if data:
        figures += compare_figures(ours.on_retrieval, theirs.on_retrieval, data.name, split, {}, {})
    return ComparedModels(tuple(figures), ours.template, theirs.template)


def _measure(
    name: str, model: SentenceTransformer, rows: Dataset | None, data: RetrievalData | None, batch_size: int
) -> _Measured:
    sys.stderr.write(f"Measuring {name}\n")
    template = instruction_template(name)
    on_sets, on_retrieval, chances, details = {}, {}, {}, {}
    if rows is not None:
        benchmark = benchmark_from_rows(rows, template)
        embeddings = encode_benchmark(model, benchmark, batch_size, show_progress=sys.stderr.isatty())
        on_sets = figures_by_source(embeddings, benchmark)
        chances, details = chance_by_source(benchmark), counts_by_source(benchmark)
    if data is not None:
        on_retrieval = retrieval_figures(model, data, batch_size)
    return _Measured(on_sets, on_retrieval, chances, details, template)
