"""Measure how well a model follows instructions, alone or beside baselines, with intervals.

dualview evaluate --model A --baseline B --dataset FOLDER --out report
dualview evaluate --model A --baseline bm25 --benchmark FOLDER --benchmark mteb:nevir --out report
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from dualview.cards.terminal import write_line
from dualview.trainer.evaluation.settings import PRECISIONS, EvaluationSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    _add_systems(parser.add_argument_group("models"))
    _add_data(parser.add_argument_group("data to measure on (at least one)"))
    _add_encoding(parser.add_argument_group("encoding"))
    _add_report(parser.add_argument_group("report"))


def _add_systems(group: argparse._ArgumentGroup) -> None:
    kinds = (
        "a folder, a Hub id, package:NAME/SUBFOLDER, bm25, cross-encoder:NAME, composed:NAME, "
        "composed@ALPHA:NAME or composed@ALPHA+EMPHASIS:NAME (a rule subtracts what is excluded and adds the "
        "wish), or run:FILE (TREC format)"
    )
    group.add_argument("--model", required=True, metavar="NAME", help=f"the model to evaluate: {kinds}")
    group.add_argument(
        "--baseline",
        action="append",
        default=[],
        metavar="NAME",
        help="the model to compare it with, of the same kinds; can be given several times; without it the "
        "model is measured alone",
    )


def _add_data(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--dataset", metavar="NAME", help="a dual-view dataset: a folder or a Hub id")
    group.add_argument(
        "--split", default=EvaluationSettings.split, help="the split of the dataset (default: %(default)s)"
    )
    group.add_argument(
        "--scifact", type=Path, metavar="FOLDER", help="a folder in BEIR's layout, for plain retrieval"
    )
    group.add_argument(
        "--benchmark",
        action="append",
        default=[],
        metavar="NAME",
        help="a benchmark's folder, or mteb:NAME for a task of mteb or for followir, mfollowir, instructir, "
        "nevir, nanobeir; can be given several times",
    )
    group.add_argument(
        "--suite",
        metavar="NAME",
        help="benchmarks that are measured together: practical (the shipped sets of practical instructions), "
        "or paper (with its published figures below yours)",
    )
    group.add_argument(
        "--suite-folder",
        type=Path,
        metavar="FOLDER",
        help="the folder with the suite's converted benchmarks, or with practical sets of your own",
    )
    group.add_argument(
        "--strict",
        action="store_true",
        help="refuse judgements of documents or queries that a benchmark lacks; otherwise they are counted",
    )


def _add_encoding(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--batch-size",
        type=int,
        default=EvaluationSettings.batch_size,
        metavar="N",
        help="texts in a forward pass (default: %(default)s)",
    )
    group.add_argument(
        "--max-tokens",
        type=int,
        metavar="N",
        help="cut texts at N tokens, for all models (default: each model's own limit)",
    )
    group.add_argument(
        "--cache", type=Path, metavar="FOLDER", help="keep vectors in this folder for the next evaluation"
    )
    group.add_argument("--half", action="store_true", help="keep vectors in half precision")
    group.add_argument(
        "--precision",
        choices=PRECISIONS,
        default=EvaluationSettings.precision,
        help="number format of the matrix products; bf16 is faster where the machine computes in it, and "
        "moves figures a little (default: %(default)s)",
    )


def _add_report(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--out", type=Path, metavar="FOLDER", help="write the report here; without it only the table is shown"
    )
    group.add_argument(
        "--save-runs",
        action="store_true",
        help="save all rankings in OUT/runs (TREC format), with qrels.tsv and queries.jsonl for other tools",
    )
    group.add_argument(
        "--examples",
        type=int,
        default=EvaluationSettings.examples,
        metavar="N",
        help="candidate sets to show of each outcome (default: %(default)s)",
    )
    group.add_argument(
        "--update-card", action="store_true", help="put the results into the card in the model's folder"
    )


def run(args: argparse.Namespace) -> int:
    """Evaluate, write the report, print the table and return the exit code.

    :raises InputError: if a model or some data cannot be used.
    """
    settings = _settings(args)
    settings.check()
    # PyTorch takes seconds to import: not for --help or a missing option.
    from dualview.command_line.running import hide_model_bars
    from dualview.trainer.evaluation.report.write_report import HTML_FILE
    from dualview.trainer.evaluation.run import run_evaluation

    hide_model_bars()
    results = run_evaluation(settings)
    sys.stdout.write(f"{results}\n")
    if settings.out:
        write_line(f"Report: {settings.out / HTML_FILE}")
    return 0


def _settings(args: argparse.Namespace) -> EvaluationSettings:
    return EvaluationSettings(
        model=args.model,
        baselines=tuple(args.baseline),
        dataset=args.dataset,
        split=args.split,
        scifact=args.scifact,
        benchmarks=tuple(args.benchmark),
        suite=args.suite,
        suite_folder=args.suite_folder,
        strict=args.strict,
        out=args.out,
        save_runs=args.save_runs,
        examples=args.examples,
        update_card=args.update_card,
        batch_size=args.batch_size,
        max_tokens=args.max_tokens,
        cache=args.cache,
        half=args.half,
        precision=args.precision,
        show_progress=True,
        command=shlex.join(["dualview", "evaluate", *args.argv]),
    )
