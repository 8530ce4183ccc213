"""Measures a model and its baselines on the same benchmarks, and compares them figure by figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.benchmarks.mteb.tasks import MtebBenchmark
from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import EvaluationSet
from dualview.trainer.evaluation.benchmarks.sets.outcomes import SetOutcome, ViewOutcome
from dualview.trainer.evaluation.comparison.compared_figures import (
    ComparedFigure,
    compare_figures,
    followir_means,
)
from dualview.trainer.evaluation.comparison.saved_runs import save_run
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import MetricError, Run
from dualview.trainer.evaluation.model_names import name_of, role_of_baseline
from dualview.trainer.evaluation.rankers.composed_ranker import ComposedRanker
from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
from dualview.trainer.evaluation.rankers.load_ranker import RankerOptions, load_ranker, token_limit
from dualview.trainer.evaluation.settings import System


@dataclass(frozen=True)
class ComparedSets:
    """Outcomes of all systems on the candidate sets of a benchmark, set by set.

    :param baseline: of the first baseline, the same sets in the same order; None without a baseline.
    :param further: of the other baselines.
    """

    benchmark: CandidateSets
    model: list[SetOutcome]
    baseline: list[SetOutcome] | None = None
    further: tuple[list[SetOutcome], ...] = ()

    @property
    def systems(self) -> list[list[SetOutcome]]:
        """The outcomes of every system: of the model, and of each baseline."""
        return [self.model, *([] if self.baseline is None else [self.baseline]), *self.further]

    def pairs(self) -> Iterator[tuple[SetOutcome, SetOutcome | None]]:
        """Iterate over the sets: the model's outcome, and the first baseline's where there is one."""
        if self.baseline is None:
            yield from ((mine, None) for mine in self.model)
        else:
            yield from zip(self.model, self.baseline, strict=True)

    def views(self) -> Iterator[tuple[EvaluationSet, tuple[ViewOutcome, ...]]]:
        """Iterate over the views of all sets: the set, and the outcome of every system, the model first."""
        for outcomes in zip(*self.systems, strict=True):
            for views in zip(*(one.views for one in outcomes), strict=True):
                yield outcomes[0].candidate_set, views


@dataclass(frozen=True)
class ComparedModels:
    """Figures of all systems.

    :param mteb: scores of mteb's own code for the same rankings, with its version and the task's revision;
        ``baseline_scores`` are those of the first baseline, ``further_scores`` a list of the others'.
    :param notes: what systems say about how they ranked, a sentence each.
    """

    figures: tuple[ComparedFigure, ...]
    sets: tuple[ComparedSets, ...] = ()
    mteb: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class _Measured:
    """One system's figures, and outcomes where there are candidate sets, benchmark by benchmark."""

    figures: list[Mapping[str, Figures]] = field(default_factory=list)
    outcomes: list[list[SetOutcome]] = field(default_factory=list)
    mteb: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, benchmark: Benchmark, run: Run, figures: Mapping[str, Figures]) -> None:
        """Add the figures of a run on one benchmark."""
        self.figures.append(figures)
        self.outcomes.append(benchmark.outcomes(run) if isinstance(benchmark, CandidateSets) else [])
        if isinstance(benchmark, MtebBenchmark):
            self.mteb.append(benchmark.scores_of_mteb(run))


def compare_models(
    model: System,
    baselines: Sequence[System],
    benchmarks: Sequence[Benchmark],
    options: RankerOptions,
    runs: Path | None = None,
) -> ComparedModels:
    """Measure all systems and compare the model with each baseline, figure by figure.

    :param model: see :data:`dualview.trainer.evaluation.rankers.load_ranker.KINDS`; ``baselines`` likewise,
        none to measure the model alone.
    :param runs: folder to save all rankings in, as TREC run files.
    :raises InputError: if a model cannot be loaded, or a ranking does not fit a benchmark.
    """
    ours = _measure(model, "model", benchmarks, options, runs)
    theirs = [
        _measure(baseline, role_of_baseline(number), benchmarks, options, runs)
        for number, baseline in enumerate(baselines)
    ]
    figures: list[ComparedFigure] = []
    sets = []
    for number, benchmark in enumerate(benchmarks):
        figures += compare_figures(benchmark, ours.figures[number], *(one.figures[number] for one in theirs))
        if isinstance(benchmark, CandidateSets):
            others = [one.outcomes[number] for one in theirs]
            first = others[0] if others else None
            sets.append(ComparedSets(benchmark, ours.outcomes[number], first, tuple(others[1:])))
    notes = tuple(note for one in (ours, *theirs) for note in one.notes)
    return ComparedModels((*figures, *followir_means(figures)), tuple(sets), _by_mteb(ours, theirs), notes)


def _by_mteb(ours: _Measured, theirs: Sequence[_Measured]) -> tuple[dict[str, Any], ...]:
    joined = []
    for number, mine in enumerate(ours.mteb):
        scores = [one.mteb[number]["scores"] for one in theirs]
        names = ("baseline_scores", "further_scores")
        joined.append(mine | dict(zip(names, (scores[0], scores[1:]), strict=True)) if scores else mine)
    return tuple(joined)


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
            if isinstance(ranker, ComposedRanker):
                measured.notes += [f"{name} on {benchmark.name}: {note}" for note in ranker.notes()]
            if runs:
                save_run(runs / role, benchmark, run, name)
    return measured
