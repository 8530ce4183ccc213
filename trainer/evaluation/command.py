"""Compare a model with a baseline, and say which differences are real.

dualview evaluate --model A --baseline B --dataset FOLDER --out report
dualview evaluate --model A --baseline bm25 --benchmark FOLDER --benchmark mteb:nevir --out report
"""

from __future__ import annotations

import argparse
import shlex
import time
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.model_facts import FACTS_FILE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    kinds = "a folder, a Hub id, package:NAME/SUBFOLDER, bm25, cross-encoder:NAME, or run:FILE (TREC format)"
    parser.add_argument("--model", required=True, help=f"what to evaluate: {kinds}")
    parser.add_argument("--baseline", required=True, help="what to compare it with, of the same kinds")
    parser.add_argument("--out", type=Path, required=True, help="folder for the report")
    on = parser.add_argument_group("what to measure on")
    on.add_argument("--dataset", help="a dual-view dataset: a folder or a Hub id")
    on.add_argument("--split", default="test", help="its split (default: test)")
    on.add_argument("--scifact", type=Path, metavar="FOLDER", help="plain retrieval, in BEIR's layout")
    on.add_argument(
        "--benchmark",
        action="append",
        default=[],
        metavar="NAME",
        help="a benchmark's folder, or mteb:NAME for a task of mteb or for followir, mfollowir, instructir, "
        "nevir, nanobeir; may be given several times",
    )
    on.add_argument("--suite", help="benchmarks whose columns others published: paper")
    on.add_argument(
        "--suite-folder", type=Path, metavar="FOLDER", help="holds the suite's converted benchmarks"
    )
    how = parser.add_argument_group("how")
    how.add_argument("--batch-size", type=int, default=32, help="texts a forward pass (default: 32)")
    how.add_argument("--max-tokens", type=int, help="cut texts at so many tokens, for both alike")
    how.add_argument(
        "--cache", type=Path, metavar="FOLDER", help="keep vectors there, for the next evaluation too"
    )
    how.add_argument("--half", action="store_true", help="keep vectors in half precision")
    how.add_argument("--save-runs", action="store_true", help="save all rankings in OUT/runs (TREC format)")
    how.add_argument("--examples", type=int, default=12, help="sets to show of each outcome (default: 12)")
    how.add_argument(
        "--update-card", action="store_true", help="put the results into the card in the model's folder"
    )


def run(args: argparse.Namespace) -> int:
    """Evaluate, write the report and return the exit code.

    :raises InputError: if a model or some data cannot be used.
    """
    _check(args)
    # PyTorch takes seconds to import: not for --help or a missing flag.
    from dualview.command_line.running import hide_model_bars
    from dualview.trainer.evaluation.run import evaluate_and_report

    hide_model_bars()
    evaluate_and_report(args, shlex.join(["dualview", "evaluate", *args.argv]), time.monotonic())
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Find what is wrong before anything is loaded."""
    if not (arguments.dataset or arguments.scifact or arguments.benchmark or arguments.suite):
        raise InputError("nothing to measure on: give --dataset, --scifact, --benchmark or --suite")
    if arguments.update_card and not (Path(arguments.model) / FACTS_FILE).is_file():
        raise InputError(
            f"--update-card: {arguments.model} holds no {FACTS_FILE}; train it with this project"
        )
    if arguments.out.exists() and not arguments.out.is_dir():
        raise InputError(f"{arguments.out}: is a file; give --out a folder")
    for name in ("batch_size", "max_tokens"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise InputError(f"--{name.replace('_', '-')} is {value}; it must be at least 1")
    if arguments.examples < 0:
        raise InputError(f"--examples is {arguments.examples}; it must not be negative")
