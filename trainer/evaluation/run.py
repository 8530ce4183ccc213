"""One evaluation from its settings to its report."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.trainer.data.published import load_rows, needed_split
from dualview.trainer.evaluation.benchmarks.candidate_sets import benchmark_from_rows
from dualview.trainer.evaluation.benchmarks.local import read_benchmark
from dualview.trainer.evaluation.benchmarks.mteb_tasks import PREFIX, load_mteb_benchmarks
from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.card_update import update_card
from dualview.trainer.evaluation.comparison.compare_models import compare_models
from dualview.trainer.evaluation.comparison.suites import load_suite
from dualview.trainer.evaluation.rankers.load_ranker import RankerOptions, template_of
from dualview.trainer.evaluation.rankers.run_file import check_ids
from dualview.trainer.evaluation.report.results import HTML_FILE, EvaluationResults, write_report
from dualview.trainer.evaluation.report.figure_tables import HEADERS, figure_rows, terminal_table


def evaluate_and_report(arguments: argparse.Namespace, command: str, started: float) -> None:
    """Measure, write the report and the card, and print one table to standard output.

    :param command: the command line, for the report.
    :param started: when it began, of ``time.monotonic()``.
    :raises InputError: if a model or some data cannot be used.
    :raises dualview.cards.errors.CardError: if the report or the card cannot be written.
    """
    suite = load_suite(arguments.suite) if arguments.suite else None
    benchmarks = _benchmarks(arguments, suite.locate(arguments.suite_folder) if suite else [])
    names = [benchmark.name for benchmark in benchmarks]
    if twice := [name for name in names if names.count(name) > 1]:
        raise InputError(f"two benchmarks are named {twice[0]!r}; rename one in its benchmark.json")
    if arguments.save_runs:
        for benchmark in benchmarks:
            check_ids(benchmark.documents)
    with _cache(arguments.cache) as cache:
        options = RankerOptions(
            batch_size=arguments.batch_size,
            max_tokens=arguments.max_tokens,
            cache=cache,
            half=arguments.half,
            show_progress=True,
        )
        runs = arguments.out / "runs" if arguments.save_runs else None
        compared = compare_models(arguments.model, arguments.baseline, benchmarks, options, runs)
    results = EvaluationResults(
        model=arguments.model,
        baseline=arguments.baseline,
        templates=(template_of(arguments.model), template_of(arguments.baseline)),
        command=command,
        seconds=time.monotonic() - started,
        compared=compared,
    )
    if suite:
        results = replace(results, suite=suite.table(compared.figures, *results.names))
    write_report(arguments.out, results, arguments.examples)
    if arguments.update_card:
        update_card(Path(arguments.model), results.figures, results.command)
    sys.stdout.write(terminal_table(figure_rows(results.figures), HEADERS) + "\n")
    if results.suite:
        sys.stdout.write("\n" + terminal_table(results.suite.rows, results.suite.headers) + "\n")
    sys.stderr.write(f"Report: {arguments.out / HTML_FILE}\n")


def _benchmarks(arguments: argparse.Namespace, of_suite: list[str]) -> list[Benchmark]:
    """Read all data first: what is wrong with it shows before a model works for hours."""
    benchmarks: list[Benchmark] = []
    if arguments.dataset:
        rows = needed_split(load_rows(arguments.dataset), arguments.split, arguments.dataset)
        folder = Path(arguments.dataset)
        name = folder.resolve().name if folder.exists() else arguments.dataset
        benchmarks.append(benchmark_from_rows(rows, name=name, split=arguments.split))
    if arguments.scifact:
        benchmarks.append(read_benchmark(arguments.scifact))
    for name in [*arguments.benchmark, *of_suite]:
        if name.startswith(PREFIX):
            benchmarks += load_mteb_benchmarks(name.removeprefix(PREFIX))
        else:
            benchmarks.append(read_benchmark(Path(name)))
    return benchmarks


@contextlib.contextmanager
def _cache(folder: Path | None) -> Iterator[Path]:
    """Give the folder for vectors: the wanted one, or one that goes when the evaluation ends."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="dualview-vectors-") as temporary:
            yield Path(temporary)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"--cache {folder}: cannot be made ({error.strerror}); choose another folder"
        ) from error
    yield folder
