"""Run the experiment of experiment.yaml, or what is left of it, and write its report.

    python -m benchmarks.paper_small --data ../shared/data

Figures of finished models are kept in benchmarks/paper_small/results, which is committed: the same command
goes on from there, on another machine too, and trains again only what a change of settings, text or seed
makes different. Texts and weights are in --work.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from benchmarks.paper_small.jobs import Job, jobs_of
from benchmarks.paper_small.scheduling import run_all
from benchmarks.paper_small.texts import prepare
from dualview.cards.errors import InputError

HERE = Path(__file__).parent
EXPERIMENT = HERE / "experiment.yaml"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, 1 if a job failed, or 2 for bad input."""
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING)
    for name in ("dualview.paper_small", "dualview.train"):
        logging.getLogger(name).setLevel(logging.INFO)
    arguments = _parse(argv)
    try:
        return _run(arguments)
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. The same command goes on from here.\n")
        return 130


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.paper_small",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of medquad, movies, condaqa, scifact"
    )
    parser.add_argument("--work", type=Path, default=Path("runs/paper-small"), help="for texts and weights")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="for the figures")
    parser.add_argument("--out", type=Path, default=HERE, help="for report, plots and results.json")
    parser.add_argument("--experiment", type=Path, default=EXPERIMENT, help="what to run")
    parser.add_argument(
        "--only", nargs="*", metavar="GROUP", help="only these lists: polarity, shipped, minilm"
    )
    parser.add_argument("--processes", type=int, default=2, help="models trained at a time (default: 2)")
    parser.add_argument("--list", action="store_true", help="say what is done and what is left")
    parser.add_argument(
        "--report", action="store_true", help="write the report of what is there, train nothing"
    )
    parser.add_argument("--jobs", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def _run(arguments: argparse.Namespace) -> int:
    experiment = yaml.safe_load(arguments.experiment.read_text(encoding="utf-8"))
    jobs = [job for job in jobs_of(experiment) if not arguments.only or job.group in arguments.only]
    prepared = prepare(experiment, arguments.data, arguments.work)
    texts = prepared["key"]
    # PyTorch takes seconds to import: not for a missing folder.
    from benchmarks.paper_small.running import result_file, run_job

    if arguments.jobs is not None:
        for job in jobs:
            if job.key(texts) in arguments.jobs:
                run_job(job, prepared, arguments.data, arguments.work, arguments.results)
        return 0
    left: dict[str, dict[str, Job]] = {}
    for job in jobs:
        done = result_file(arguments.results, job, texts).is_file()
        if arguments.list:
            sys.stdout.write(f"{'done' if done else 'left'}  {job}\n")
        if not done:
            left.setdefault(job.training_key(texts), {})[job.key(texts)] = job
    if arguments.list:
        return 0
    failed = 0
    if not arguments.report:
        again = [sys.executable, "-m", "benchmarks.paper_small"]
        for name in ("data", "work", "results", "experiment"):
            again += [f"--{name}", str(getattr(arguments, name))]
        failed = run_all(
            [list(of_one.values()) for of_one in left.values()],
            lambda some: [*again, "--jobs", *(job.key(texts) for job in some)],
            arguments.work / "logs",
            arguments.processes,
        )
    from benchmarks.paper_small.report import write_report

    arguments.out.mkdir(parents=True, exist_ok=True)
    write_report(experiment, prepared, arguments.results, arguments.out)
    sys.stdout.write(f"{arguments.out / 'report.md'}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
