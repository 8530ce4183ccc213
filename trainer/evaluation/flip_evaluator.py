"""FlipEvaluator: accuracy in following instructions, for any SentenceTransformerTrainer."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.evaluation import BaseEvaluator

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.benchmarks.sets.published_sets import KIND_COLUMNS, benchmark_from_rows
from dualview.trainer.evaluation.measure_encoder import measure_encoder
from dualview.trainer.evaluation.measured_figures import FIGURES

#: Figures of :class:`FlipEvaluator`, over all sources and for each.
SET_FIGURES = (
    "right_first",
    "violating_first",
    "mrr",
    "view_accuracy",
    "flip_accuracy",
    "p_mrr",
    "p_mrr_gained",
    "margin",
    "instructed_ndcg_at_10",
    "bare_query_ndcg_at_10",
)
#: Figures of instructions by kind, where the rows say of which kind they are.
KIND_FIGURES = ("right_first_exclusions", "right_first_rest")


def check_metric(metric: str, validation: Dataset) -> None:
    """Check before a training that :class:`FlipEvaluator` will give a figure.

    :param metric: name of the figure that decides the best checkpoint, without ``eval_``.
    :param validation: rows of the config ``dual_view``.
    :raises InputError: if it gives no such figure.
    """
    sources = sorted(set(validation["source"]))
    has_kinds = any(any(validation[name]) for name in KIND_COLUMNS if name in validation.column_names)
    figures = (*SET_FIGURES, *KIND_FIGURES) if has_kinds else SET_FIGURES
    known = [*figures, *(f"{source}_{figure}" for source in sources for figure in figures)]
    if metric not in known:
        raise InputError(f"metric is {metric!r}; it may be {', '.join(known)}")


def greater_is_better(metric: str) -> bool:
    """Tell whether a model improves where a figure of :class:`FlipEvaluator` rises.

    :param metric: its name, perhaps with that of a source before it.
    """
    falling = (name for name, kind in FIGURES.items() if kind.lower_is_better)
    return not metric.endswith(tuple(falling))


class FlipEvaluator(BaseEvaluator):
    """Share of instructions whose passage is first of all, or first within its set, and more figures.

    ``right_first`` is the share of instructions whose passage is first among all passages of its source,
    ``violating_first`` that of instructions under which a passage that they rule out is first, ``mrr`` the
    mean of 1 / rank. Within the set, ``view_accuracy`` is the share of instructions that rank their passage
    above those of the set's other instructions, ``flip_accuracy`` the share of sets in which all do. Also
    p-MRR and its mirror, the margin, instructed and bare nDCG@10; and, where the rows say of which kind an
    instruction is, ``right_first_exclusions`` and ``right_first_rest``.

    Every figure is given for each source of candidate sets and as their plain mean, so that a source with
    many small sets does not outweigh the others. The primary metric is ``flip_accuracy``'s mean;
    ``metric_for_best_model="eval_right_first"`` keeps the checkpoint that finds most passages.

    Relations:
        - ``TripletEvaluator`` checks each triplet alone for whether its positive wins; here a set counts only
          if *every* view ranks its own positive above the others, which a model that ignores instructions
          never does.

    Example::

        rows = load_dataset("org/dualview-ifir", split="validation")
        evaluator = FlipEvaluator(rows)
        SentenceTransformerTrainer(..., evaluator=evaluator)

    :param benchmark: rows of the config ``dual_view``, such as a ``datasets.Dataset``; or the candidate sets
        that :func:`~dualview.trainer.evaluation.benchmarks.sets.published_sets.benchmark_from_rows` made of
        them, where query and instruction are not joined by a space.
    :param name: a prefix for the metrics' names.
    :param batch_size: texts in a forward pass.
    :param cache: folder for the vectors of passages; useful where their encoder is not trained.
    :raises dualview.cards.errors.InputError: if these are no such rows.
    """

    def __init__(
        self,
        benchmark: CandidateSets | Iterable[Mapping[str, Any]],
        name: str = "",
        batch_size: int = 32,
        cache: Path | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        if not isinstance(benchmark, CandidateSets):
            benchmark = benchmark_from_rows(benchmark)
        self.benchmark = benchmark
        self.name = name
        self.batch_size = batch_size
        self.cache = cache
        self.primary_metric = f"{name}_flip_accuracy" if name else "flip_accuracy"

    def __call__(  # type: ignore[override]  # it evaluates encoders, not every model of the library
        self, model: SentenceTransformer, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Evaluate; all figures are fractions, the margin a difference of similarities.

        :param output_path: a folder; one line a call is added to ``flip_evaluation.csv`` in it.
        """
        by_source = measure_encoder(
            model, self.benchmark, self.benchmark.template, self.batch_size, self.cache
        )
        metrics: dict[str, float] = {}
        for figure in FIGURES:
            means = {
                source: figures.mean(figure)
                for source, figures in by_source.items()
                if figures.values[figure]
            }
            if means:
                metrics[figure] = float(np.mean(list(means.values())))
                metrics.update({f"{source}_{figure}": mean for source, mean in means.items()})
        metrics = self.prefix_name_to_metrics(metrics, self.name)
        self.store_metrics_in_model_card_data(model, metrics, int(epoch), steps)
        if output_path is not None:
            self._log(Path(output_path), metrics, epoch, steps)
        return metrics

    def _log(self, folder: Path, metrics: dict[str, float], epoch: float, steps: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "flip_evaluation.csv"
        is_new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["epoch", "steps", *metrics])
            if is_new:
                writer.writeheader()
            writer.writerow({"epoch": epoch, "steps": steps, **metrics})
