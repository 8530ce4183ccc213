"""Measure two rankers on the same benchmarks, one after the other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.candidate_sets import CandidateSets
from dualview.trainer.evaluation.benchmarks.mteb_tasks import MtebBenchmark
from dualview.trainer.evaluation.benchmarks.outcomes import SetOutcome
from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure, compare_figures, followir_means
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import MetricError
from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
from dualview.trainer.evaluation.rankers.load_ranker import RankerOptions, load_ranker
from dualview.trainer.evaluation.rankers.run_file import write_run


@dataclass(frozen=True)
class ComparedSets:
    """What both rankers did with the candidate sets of a benchmark, set by set."""

    benchmark: CandidateSets
    model: list[SetOutcome]
    baseline: list[SetOutcome]


@dataclass(frozen=True)
class ComparedModels:
    """The figures of both rankers.

    :param mteb: what mteb's own code makes of the same rankings, beside its version and the task's revision.
    """

    figures: tuple[ComparedFigure, ...]
    sets: tuple[ComparedSets, ...] = ()
    mteb: tuple[dict[str, Any], ...] = ()


@dataclass
class _Measured:
    """One ranker's figures, and outcomes where there are candidate sets, benchmark by benchmark."""

    figures: list[dict[str, Figures]] = field(default_factory=list)
    outcomes: list[list[SetOutcome]] = field(default_factory=list)
    mteb: list[dict[str, Any]] = field(default_factory=list)


def compare_models(
    model: str,
    baseline: str,
    benchmarks: Sequence[Benchmark],
    options: RankerOptions,
    runs: Path | None = None,
) -> ComparedModels:
    """Measure both and compare figure by figure.

    :param model: see :data:`dualview.trainer.evaluation.rankers.load_ranker.KINDS`; ``baseline`` likewise.
    :param runs: folder to save all rankings in, as TREC run files.
    :raises InputError: if a model cannot be loaded, or a ranking does not fit a benchmark.
    """
    ours = _measure(model, benchmarks, options, runs / "model" if runs else None)
    theirs = _measure(baseline, benchmarks, options, runs / "baseline" if runs else None)
    figures: list[ComparedFigure] = []
    sets = []
    for number, benchmark in enumerate(benchmarks):
        figures += compare_figures(benchmark, ours.figures[number], theirs.figures[number])
        if isinstance(benchmark, CandidateSets):
            sets.append(ComparedSets(benchmark, ours.outcomes[number], theirs.outcomes[number]))
    pairs = zip(ours.mteb, theirs.mteb, strict=True)
    by_mteb = tuple({**mine, "baseline_scores": other["scores"]} for mine, other in pairs)
    return ComparedModels((*figures, *followir_means(figures)), tuple(sets), by_mteb)


def _measure(
    name: str, benchmarks: Sequence[Benchmark], options: RankerOptions, runs: Path | None
) -> _Measured:
    ranker = load_ranker(name, options)
    measured = _Measured()
    for benchmark in benchmarks:
        sys.stderr.write(f"Measuring {name} on {benchmark.name}\n")
        run = ranker.rank(benchmark.requests(), benchmark.documents)
        try:
            figures = benchmark.figures(run)
        except MetricError as error:
            raise InputError(f"{name} on {benchmark.name}: {error}") from error
        if not isinstance(ranker, DenseRanker):
            # Scores of other systems are on scales of their own: their margins cannot be compared.
            for of_subset in figures.values():
                of_subset.values.pop("margin", None)
        measured.figures.append(figures)
        measured.outcomes.append(benchmark.outcomes(run) if isinstance(benchmark, CandidateSets) else [])
        if isinstance(benchmark, MtebBenchmark):
            measured.mteb.append(benchmark.scores_of_mteb(run))
        if runs:
            file = f"{'-'.join(benchmark.name.replace('/', '-').split())}.trec"
            write_run(runs / file, run, name)
    return measured
