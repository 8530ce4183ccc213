"""Measures one encoder on one benchmark."""

from __future__ import annotations

from pathlib import Path

from sentence_transformers import SentenceTransformer

from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
from dualview.trainer.evaluation.rankers.text_encoder import TextEncoder
from dualview.trainer.query_template import DEFAULT_TEMPLATE


def measure_encoder(
    model: SentenceTransformer,
    benchmark: Benchmark,
    template: str = DEFAULT_TEMPLATE,
    batch_size: int = 32,
    cache: Path | None = None,
) -> dict[str, Figures]:
    """Measure a model that is in memory.

    :param template: how query and instruction are joined; that of the model's training.
    :param cache: folder for the documents' vectors, which models that encode documents alike share.
    :return: the figures of each subset.
    """
    ranker = DenseRanker(TextEncoder(model, cache, batch_size=batch_size, keeps_queries=False), template)
    return benchmark.figures(ranker.rank(benchmark.requests(), benchmark.documents))
