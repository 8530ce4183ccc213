"""Figures of a model, alone or beside a baseline's on the same queries, with intervals."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.comparison.significance import (
    Comparison,
    Resampled,
    mean_over_datasets,
    resample,
)
from dualview.trainer.evaluation.measured_figures import CORPUS_FIGURES, FIGURES, FigureKind, Figures
from dualview.trainer.evaluation.metrics import SCORE_MEASURES

FOLLOWIR = "FollowIR"


@dataclass(frozen=True)
class QueryValues:
    """Values behind a figure, at the same places.

    :param baseline: None without a baseline, or where it has no such figure.
    :param further: values of the other baselines, likewise.
    """

    query_ids: tuple[str, ...]
    model: tuple[float, ...]
    baseline: tuple[float, ...] | None = None
    further: tuple[tuple[float, ...] | None, ...] = ()

    def resampled(self, seed: int) -> Resampled:
        """Resample the queries."""
        return resample(self.model, self.baseline, self.query_ids, seed=seed, further=self.further)


@dataclass(frozen=True)
class ComparedFigure:
    """One figure on one part of a benchmark, as a fraction; the margin is a difference of similarities.

    :param subset: the part that was measured, or an empty string for the whole split.
    :param metric: its key in :data:`FIGURES`.
    :param values: None for a mean over datasets.
    :param chance: what guessing gives, as a fraction; None where that means nothing.
    :param detail: what was counted, such as "180 sets of 3 instructions".
    :param passages: how many documents were ranked, for figures over the corpus of a source.
    """

    dataset: str
    split: str
    subset: str
    metric: str
    comparison: Comparison
    values: QueryValues | None = None
    chance: float | None = None
    detail: str = ""
    passages: int | None = None

    @property
    def kind(self) -> FigureKind:
        """Return the name of the figure and the way it is shown."""
        return FIGURES[self.metric]

    @property
    def measured_on(self) -> str:
        """Name dataset, split and subset."""
        return ", ".join(part for part in (self.dataset, self.split, self.subset) if part)


def compare_figures(
    benchmark: Benchmark, model: Mapping[str, Figures], *baselines: Mapping[str, Figures]
) -> list[ComparedFigure]:
    """Compare every figure of every subset.

    :param model: figures of the model by subset; ``baselines`` hold the same queries in the same order.
    :raises ValueError: if they were not measured on the same queries.
    """
    chances, counts = benchmark.chances(), benchmark.counts()
    sets = benchmark if isinstance(benchmark, CandidateSets) else None
    compared = []
    for subset, figures in model.items():
        for metric in FIGURES:
            values = _values(subset, metric, figures, [one[subset] for one in baselines])
            if values is not None:
                compared.append(
                    ComparedFigure(
                        dataset=benchmark.name,
                        split=benchmark.split,
                        subset=subset,
                        metric=metric,
                        comparison=values.resampled(seed_of(benchmark.name)).comparison(),
                        values=values,
                        chance=chances.get((subset, metric)),
                        detail=counts.get(subset, ""),
                        passages=sets.passages(subset) if sets and metric in CORPUS_FIGURES else None,
                    )
                )
    return compared


def _values(subset: str, metric: str, model: Figures, baselines: Sequence[Figures]) -> QueryValues | None:
    """Take the values of a figure; None where the model or all baselines have none, as of margins."""
    known = [one for one in baselines if one.values[metric]]
    if not model.values[metric] or (baselines and not known):
        return None
    if any(one.query_ids[metric] != model.query_ids[metric] for one in known):
        raise ValueError(f"{metric} of {subset}: the models were measured on different queries")
    values = [tuple(one.values[metric]) or None for one in baselines] or [None]
    return QueryValues(
        tuple(model.query_ids[metric]), tuple(model.values[metric]), values[0], tuple(values[1:])
    )


def followir_means(figures: Iterable[ComparedFigure]) -> list[ComparedFigure]:
    """Average over FollowIR's three datasets, if all three were measured: p-MRR, its mirror, and Score.

    A dataset is known by its name, which starts with Robust04, News21 or Core17.
    """
    found: dict[str, dict[str, ComparedFigure]] = {}
    for figure in figures:
        dataset = next((name for name in SCORE_MEASURES if figure.dataset.startswith(name)), None)
        if dataset and not figure.subset:
            metric = "followir_score" if figure.metric == SCORE_MEASURES[dataset] else figure.metric
            found.setdefault(metric, {})[dataset] = figure
    means = []
    for metric in ("p_mrr", "p_mrr_gained", "followir_score"):
        parts = found.get(metric, {})
        if set(parts) == set(SCORE_MEASURES):
            resampled = [
                figure.values.resampled(seed_of(figure.dataset)) for figure in parts.values() if figure.values
            ]
            means.append(ComparedFigure(FOLLOWIR, "", "", metric, mean_over_datasets(resampled)))
    return means


def seed_of(dataset: str) -> int:
    """Return a dataset's seed: the same queries are drawn for all its figures."""
    return zlib.crc32(dataset.encode())
