"""Evaluation of a reranker during its training: the views of held-out candidate sets, over their passages."""

from __future__ import annotations

from typing import Any

import numpy as np
from datasets import Dataset
from sentence_transformers import CrossEncoder
from sentence_transformers.base.evaluation import BaseEvaluator

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.rankers.bm25_ranker import BM25Ranker
from dualview.trainer.evaluation.rankers.cross_encoder_ranker import CrossEncoderRanker

#: Figures, over all sources and for each. Those over a corpus cost too much during a training.
FIGURES = ("flip_accuracy", "view_accuracy")
# Sets that are evaluated; of more, an evenly spread sample.
_MOST = 300


class RerankerEvaluator(BaseEvaluator):
    """Single-view and flip accuracy of a CrossEncoder over candidate sets, for each source and on average.

    :param benchmark: candidate sets of the validation split.
    """

    def __init__(self, benchmark: CandidateSets, batch_size: int = 32) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.benchmark = benchmark
        self.sets = benchmark.sets[:: 1 + (len(benchmark.sets) - 1) // _MOST]
        self.batch_size = batch_size
        self.primary_metric = FIGURES[0]

    def __call__(  # type: ignore[override]  # it evaluates CrossEncoders, not every model of the library
        self, model: CrossEncoder, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Evaluate; all figures are fractions."""
        part = CandidateSets(
            self.sets, self.benchmark.queries, self.benchmark.documents, self.benchmark.template
        )
        asked = [request for request in part.requests() if request.candidates is not None]
        ranker = CrossEncoderRanker(model, BM25Ranker(), part.template, self.batch_size)
        found: dict[str, dict[str, list[bool]]] = {name: {} for name in FIGURES}
        for outcome in part.outcomes(ranker.rank(asked, part.documents)):
            source = outcome.candidate_set.source
            found["flip_accuracy"].setdefault(source, []).append(outcome.all_right)
            found["view_accuracy"].setdefault(source, []).extend(view.right for view in outcome.views)
        metrics: dict[str, float] = {}
        for name, by_source in found.items():
            means = {source: float(np.mean(values)) for source, values in by_source.items()}
            metrics[name] = float(np.mean(list(means.values())))
            metrics |= {f"{source}_{name}": mean for source, mean in means.items()}
        return metrics


def check_reranker_metric(metric: str, validation: Dataset) -> None:
    """Check before a training that :class:`RerankerEvaluator` will give a figure.

    :raises InputError: if it gives no such figure.
    """
    sources: list[Any] = sorted(set(validation["source"]))
    known = [*FIGURES, *(f"{source}_{figure}" for source in sources for figure in FIGURES)]
    if metric not in known:
        raise InputError(f"metric is {metric!r}; for a reranker it may be {', '.join(known)}")
