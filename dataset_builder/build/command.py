"""Builds a dual-view dataset from sources of passages and instructions.

The shipped seeds, with no model and no network:

    dualview build --source seeds --out runs/quickstart/dataset

Files of your own hold candidate sets, one on each line:

    {"id": "home-001", "query": "sourdough starter not rising", "instruction": "...",
     "positive": {"title": "...", "text": "..."}, "instruction_negatives": [{"title": "...", "text": "..."}],
     "reversals": [{"target": 0, "lever": "region", "instruction": "..."}]}

or passages with attributes, the passages of a topic one after the other:

    {"id": "things-001-a", "topic": "sourdough starter", "query": "sourdough starter", "title": "...",
     "text": "...", "attributes": {"aspect": "maintenance", "audience": "beginner"}}

The result is a folder in the Hub's layout: load_dataset("FOLDER"), load_dataset("FOLDER", "triplets").
"""

from __future__ import annotations

import argparse
import importlib
import sys
from itertools import chain
from pathlib import Path

from dualview.dataset_builder import judges
from dualview.dataset_builder.build import engines
from dualview.dataset_builder.build.pipeline import BuildResult, BuildSettings, build_dataset
from dualview.dataset_builder.build.recipe import command_line, recorded_arguments
from dualview.dataset_builder.schema import SPLITS
from dualview.dataset_builder.sources import source_protocol as sources
from dualview.dataset_builder.sources.source_protocol import open_sources
from dualview.dataset_builder.splits.plan import SplitShares
from dualview.dataset_builder.writers import writer_protocol as writers
from dualview.dataset_builder.writers.writer_protocol import make_writers

_WRITERS = ("replay", "facets")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments, and those of every source and writer."""
    parser.description = __doc__
    parser.usage = "%(prog)s --source SOURCE [SOURCE ...] --out DIR [options]"
    _add_common_arguments(parser)
    for module in (sources.JSONL_MODULE, *sources.MODULES.values(), *writers.MODULES.values()):
        importlib.import_module(module).add_arguments(parser)
    judges.add_arguments(parser)
    engines.add_arguments(parser)


def _add_common_arguments(parser: argparse.ArgumentParser) -> None:
    named = ", ".join(sources.MODULES)
    parser.add_argument(
        "--source",
        action="extend",
        nargs="+",
        required=True,
        metavar="SOURCE",
        help=f"where the text comes from, one or several: {named} (some with :ARGUMENT, see below), or the "
        "path of a JSONL file",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the dataset goes")
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace a dataset that this builder wrote; what a person wrote in its card stays",
    )
    parser.add_argument(
        "--writer",
        action="extend",
        nargs="+",
        default=None,
        choices=tuple(writers.MODULES),
        help="what writes the instructions; of several, each item goes to the first that takes it "
        f"(default: {' '.join(_WRITERS)})",
    )
    parser.add_argument(
        "--test-share",
        type=float,
        default=SplitShares.test,
        metavar="SHARE",
        help="share of the queries held out for the test (default: %(default)s, for narrow intervals)",
    )
    parser.add_argument(
        "--validation-share",
        type=float,
        default=SplitShares.validation,
        metavar="SHARE",
        help="share of the queries held out to choose a checkpoint by (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=BuildSettings.seed,
        help="draws other splits and wordings; the same seed gives the same bytes (default: %(default)s)",
    )
    parser.add_argument("--name", default=None, help="title of the dataset, for its card")


def run(args: argparse.Namespace) -> int:
    """Build the dataset, say on standard error what it holds, and return the exit code 0.

    :raises InputError: if something that was given cannot be used.
    """
    args.writer = args.writer or list(_WRITERS)
    if args.dry_run:
        return _estimate(args)
    parser = _parser_of_what_is_used(args)
    settings = BuildSettings(
        out=args.out,
        overwrite=args.overwrite,
        seed=args.seed,
        shares=SplitShares(args.test_share, args.validation_share),
        name=args.name,
        command=command_line(["dualview", "build"], parser, args, "dataset"),
        arguments=recorded_arguments(parser, args),
    )
    result = build_dataset(
        settings,
        open_sources(args.source, args),
        make_writers(args.writer, args),
        judges.make_judge(args),
        engines.make_engine(args),
    )
    sys.stderr.write(_summary(result) + "\n")
    return 0


def _estimate(args: argparse.Namespace) -> int:
    # The clients take a second to import.
    from dualview.dataset_builder.build.dry_run import run_dry

    return run_dry(chain.from_iterable(open_sources(args.source, args)), args)


def _parser_of_what_is_used(args: argparse.Namespace) -> argparse.ArgumentParser:
    """The arguments that had a say in this build: for the recipe, which should not list all others."""
    parser = argparse.ArgumentParser()
    _add_common_arguments(parser)
    modules = [module for name in args.source for module in sources.modules_of(name)]
    modules += [writers.MODULES[kind] for kind in args.writer]
    modules += judges.modules_of(args.judge)
    for module in dict.fromkeys(modules):
        importlib.import_module(module).add_arguments(parser)
    return parser


def _summary(result: BuildResult) -> str:
    pairs = result.rows["dual_view"]
    splits = ", ".join(f"{split} {pairs[split]}" for split in SPLITS if split in pairs)
    return (
        f"{result.folder}: {result.yields['accepted']} pairs of opposite instructions ({splits}) from "
        f"{result.yields['read']} items; {result.yields['rejected']} rejected."
    )
