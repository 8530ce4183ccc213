"""One evaluation, from its settings to its result and report."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sentence_transformers.util import get_device_name

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.trainer.data.published import load_rows, needed_split
from dualview.trainer.encoders.precision import has_bfloat16
from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.benchmarks.folders.local import read_benchmark
from dualview.trainer.evaluation.benchmarks.mteb.tasks import PREFIX, load_mteb_benchmarks
from dualview.trainer.evaluation.benchmarks.sets.published_sets import benchmark_from_rows
from dualview.trainer.evaluation.card_update import update_card
from dualview.trainer.evaluation.comparison.compare_models import compare_models
from dualview.trainer.evaluation.comparison.saved_runs import check_names, save_judgements
from dualview.trainer.evaluation.comparison.suites import PRACTICAL, load_suite
from dualview.trainer.evaluation.model_names import name_of, role_of_baseline
from dualview.trainer.evaluation.practical.benchmark import practical_benchmark
from dualview.trainer.evaluation.rankers.load_ranker import RankerOptions, template_of
from dualview.trainer.evaluation.rankers.run_file import check_ids
from dualview.trainer.evaluation.report.results import Baseline, Evaluation
from dualview.trainer.evaluation.report.write_report import write_report
from dualview.trainer.evaluation.settings import EvaluationSettings

_IN_BFLOAT16 = "the models' matrix products were computed in bfloat16"


def run_evaluation(settings: EvaluationSettings) -> Evaluation:
    """Measure, and write the report and the card where the settings ask for them.

    :raises InputError: if a model or some data cannot be used.
    :raises dualview.cards.errors.CardError: if the report or the card cannot be written.
    """
    started = time.monotonic()
    settings.check()
    bf16 = settings.precision == "bf16"
    if bf16 and not has_bfloat16(get_device_name().split(":")[0]):
        write_line("Note: this machine has no instructions for bf16; fp32 is several times as fast here")
    suite = load_suite(settings.suite) if settings.suite else None
    benchmarks = _benchmarks(settings, suite.locate(settings.suite_folder) if suite else [])
    runs = settings.out / "runs" if settings.out and settings.save_runs else None
    _check_benchmarks(benchmarks, saved=runs is not None)
    with _cache(settings.cache) as cache:
        options = RankerOptions(
            batch_size=settings.batch_size,
            max_tokens=settings.max_tokens,
            cache=cache,
            half=settings.half,
            bf16=bf16,
            show_progress=settings.show_progress,
        )
        compared = compare_models(settings.model, settings.baselines, benchmarks, options, runs)
    if runs:
        for benchmark in benchmarks:
            save_judgements(runs, benchmark)
    results = Evaluation(
        model=name_of(settings.model, "model"),
        template=template_of(settings.model),
        baselines=tuple(
            Baseline(name_of(baseline, role_of_baseline(number)), template_of(baseline))
            for number, baseline in enumerate(settings.baselines)
        ),
        command=settings.command,
        seconds=time.monotonic() - started,
        notes=(
            *([_IN_BFLOAT16] if bf16 else []),
            *(f"{one.name}: {note}" for one in benchmarks for note in one.notes),
            *compared.notes,
        ),
        compared=compared,
    )
    if suite:
        results = replace(results, suite=suite.table(compared.figures, *results.names))
    if settings.out:
        write_report(settings.out, results, settings.examples)
    if settings.update_card:
        update_card(settings.card_folder, results.figures, results.command)
    return results


def _benchmarks(settings: EvaluationSettings, of_suite: list[str]) -> list[Benchmark]:
    """Read all data first: what is wrong with it shows before a model works for hours."""
    benchmarks: list[Benchmark] = []
    if settings.dataset:
        rows = needed_split(load_rows(settings.dataset), settings.split, settings.dataset)
        folder = Path(settings.dataset)
        name = folder.resolve().name if folder.exists() else settings.dataset
        benchmarks.append(benchmark_from_rows(rows, name=name, split=settings.split))
    if settings.scifact:
        benchmarks.append(read_benchmark(settings.scifact, strict=settings.strict))
    for name in [*settings.benchmarks, *of_suite]:
        if name.startswith(PREFIX):
            benchmarks += load_mteb_benchmarks(name.removeprefix(PREFIX))
        elif name == PRACTICAL:
            benchmarks.append(practical_benchmark(settings.suite_folder))
        else:
            benchmarks.append(read_benchmark(Path(name), strict=settings.strict))
    return benchmarks


def _check_benchmarks(benchmarks: Sequence[Benchmark], saved: bool) -> None:
    """Check names and, where rankings are saved, ids; show what is odd about the data."""
    names = [benchmark.name for benchmark in benchmarks]
    if twice := [name for name in names if names.count(name) > 1]:
        raise InputError(f"two benchmarks are named {twice[0]!r}; rename one in its benchmark.json")
    if saved:
        check_names(names)
    for benchmark in benchmarks:
        if saved:
            check_ids(benchmark.documents)
        for note in benchmark.notes:
            write_line(f"Note: {benchmark.name}: {note}")


@contextlib.contextmanager
def _cache(folder: Path | None) -> Iterator[Path]:
    """Make the folder for vectors: the wanted one, or one that is removed when the evaluation ends."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="dualview-vectors-") as temporary:
            yield Path(temporary)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder}: the folder for vectors cannot be made ({error.strerror}); choose another"
        ) from error
    yield folder
