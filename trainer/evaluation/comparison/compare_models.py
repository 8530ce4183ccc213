"""Measures one or two systems on the same benchmarks, and compares them figure by figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.benchmarks.candidate_sets import CandidateSets
from dualview.trainer.evaluation.benchmarks.evaluation_sets import EvaluationSet
from dualview.trainer.evaluation.benchmarks.mteb_tasks import MtebBenchmark
from dualview.trainer.evaluation.benchmarks.outcomes import SetOutcome, ViewOutcome
from dualview.trainer.evaluation.comparison.compared_figures import (
    ComparedFigure,
    compare_figures,
    followir_means,
)
from dualview.trainer.evaluation.comparison.saved_runs import save_run
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import MetricError, Run
from dualview.trainer.evaluation.model_names import name_of
from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
from dualview.trainer.evaluation.rankers.load_ranker import RankerOptions, load_ranker, token_limit
from dualview.trainer.evaluation.settings import System


@dataclass(frozen=True)
class ComparedSets:
    """Outcomes of both systems on the candidate sets of a benchmark, set by set.

    :param baseline: the same sets in the same order; None without a baseline.
    """

    benchmark: CandidateSets
    model: list[SetOutcome]
    baseline: list[SetOutcome] | None = None

    def pairs(self) -> Iterator[tuple[SetOutcome, SetOutcome | None]]:
        """Iterate over the sets: the model's outcome, and the baseline's where there is one."""
        if self.baseline is None:
            yield from ((mine, None) for mine in self.model)
        else:
            yield from zip(self.model, self.baseline, strict=True)

    def views(self) -> Iterator[tuple[EvaluationSet, ViewOutcome, ViewOutcome | None]]:
        """Iterate over the views of all sets: the set, the model's outcome, and the baseline's."""
        for mine, other in self.pairs():
            for number, view in enumerate(mine.views):
                yield mine.candidate_set, view, other.views[number] if other else None


@dataclass(frozen=True)
class ComparedModels:
    """Figures of both systems.

    :param mteb: scores of mteb's own code for the same rankings, with its version and the task's revision.
    """

    figures: tuple[ComparedFigure, ...]
    sets: tuple[ComparedSets, ...] = ()
    mteb: tuple[dict[str, Any], ...] = ()


@dataclass
class _Measured:
    """One system's figures, and outcomes where there are candidate sets, benchmark by benchmark."""

    figures: list[Mapping[str, Figures]] = field(default_factory=list)
    outcomes: list[list[SetOutcome]] = field(default_factory=list)
    mteb: list[dict[str, Any]] = field(default_factory=list)

    def add(self, benchmark: Benchmark, run: Run, figures: Mapping[str, Figures]) -> None:
        """Add the figures of a run on one benchmark."""
        self.figures.append(figures)
        self.outcomes.append(benchmark.outcomes(run) if isinstance(benchmark, CandidateSets) else [])
        if isinstance(benchmark, MtebBenchmark):
            self.mteb.append(benchmark.scores_of_mteb(run))


def compare_models(
    model: System,
    baseline: System | None,
    benchmarks: Sequence[Benchmark],
    options: RankerOptions,
    runs: Path | None = None,
) -> ComparedModels:
    """Measure both systems and compare them figure by figure.

    :param model: see :data:`dualview.trainer.evaluation.rankers.load_ranker.KINDS`; ``baseline`` likewise,
        or None to measure the model alone.
    :param runs: folder to save all rankings in, as TREC run files.
    :raises InputError: if a model cannot be loaded, or a ranking does not fit a benchmark.
    """
    ours = _measure(model, "model", benchmarks, options, runs)
    theirs = None if baseline is None else _measure(baseline, "baseline", benchmarks, options, runs)
    figures: list[ComparedFigure] = []
    sets = []
    for number, benchmark in enumerate(benchmarks):
        other = theirs.figures[number] if theirs else None
        figures += compare_figures(benchmark, ours.figures[number], other)
        if isinstance(benchmark, CandidateSets):
            sets.append(
                ComparedSets(benchmark, ours.outcomes[number], theirs.outcomes[number] if theirs else None)
            )
    by_mteb: list[dict[str, Any]] = ours.mteb
    if theirs:
        pairs = zip(ours.mteb, theirs.mteb, strict=True)
        by_mteb = [{**mine, "baseline_scores": other["scores"]} for mine, other in pairs]
    return ComparedModels((*figures, *followir_means(figures)), tuple(sets), tuple(by_mteb))


def _measure(
    system: System, role: str, benchmarks: Sequence[Benchmark], options: RankerOptions, runs: Path | None
) -> _Measured:
    name = name_of(system, role)
    measured = _Measured()
    with token_limit(system, options.max_tokens):
        ranker = load_ranker(system, options)
        for benchmark in benchmarks:
            write_line(f"Measuring {name} on {benchmark.name}")
            run = ranker.rank(benchmark.requests(), benchmark.documents)
            try:
                figures = benchmark.figures(run)
            except MetricError as error:
                raise InputError(f"{name} on {benchmark.name}: {error}") from error
            if not isinstance(ranker, DenseRanker):
                # Scores of other systems are on scales of their own: their margins cannot be compared.
                for of_subset in figures.values():
                    of_subset.values.pop("margin", None)
            measured.add(benchmark, run, figures)
            if runs:
                save_run(runs / role, benchmark, run, name)
    return measured
