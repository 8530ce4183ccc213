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
import os
import shlex
from itertools import chain
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.terminal import printable, write_line
from dualview.dataset_builder.build import build_arguments
from dualview.dataset_builder.build.build_request import BuildRequest
from dualview.dataset_builder.build.build_settings import DatasetBuild
from dualview.dataset_builder.description.describe import describe_sources
from dualview.dataset_builder.schema import SPLITS
from dualview.dataset_builder.sources.open_sources import SourceSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments, and those of every source, writer, judge and engine."""
    parser.description = __doc__
    parser.usage = "%(prog)s --source SOURCE [SOURCE ...] --out DIR [options]"
    build_arguments.add_arguments(parser)
    group = parser.add_argument_group("looking first")
    group.add_argument(
        "--describe",
        action="store_true",
        help="print what the sources have (fields, values, counts), and build nothing",
    )
    group.add_argument(
        "--starter-table",
        type=Path,
        metavar="FILE",
        help="with --describe, write a table of attributes for --facets to begin with",
    )


def run(args: argparse.Namespace) -> int:
    """Build the dataset, report its size on standard error, and return the exit code 0.

    :raises InputError: if an argument or a file cannot be used.
    """
    if args.describe:
        settings = SourceSettings.from_arguments(args)
        return describe_sources(list(dict.fromkeys(args.source)), settings, args.starter_table)
    if args.starter_table is not None:
        raise InputError("--starter-table: is written by --describe; add it")
    if args.out is None:
        raise InputError("--out: is missing; name a folder for the dataset, such as --out out/own")
    request = BuildRequest.from_arguments(args)
    if args.dry_run:
        # The clients take a second to import.
        from dualview.dataset_builder.build.dry_run.estimate import DryRunSettings, run_dry

        items = chain.from_iterable(request.open_sources())
        return run_dry(items, request.writers, request.judge, DryRunSettings.from_arguments(args))
    build = request.run()
    write_line(_summary(build))
    if build.without_pairs:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in build.without_pairs.items())
        total = sum(build.without_pairs.values())
        write_line(
            f"{total:,} of {build.yields['read']:,} items gave no pair ({reasons}); docs/own-corpus.md "
            "explains the reasons, and the config 'rejected' has each case"
        )
    if hint := _next_command(build):
        write_line(f"Next: {hint}")
    return 0


def _next_command(build: DatasetBuild) -> str:
    """Return the command that trains on a dataset; empty where there is nothing to train on.

    A name that begins with a dash would be taken for an option; one with control characters cannot be typed.
    """
    path = str(build.path)
    if "train" not in build.counts["dual_view"] or printable(path) != path:
        return ""
    dataset = f"./{path}" if path.startswith("-") else path
    made = f"runs/{Path(os.path.realpath(path)).name}-minilm"
    return shlex.join(["dualview", "train", "--recipe", "minilm", "--dataset", dataset, "--out", made])


def _summary(build: DatasetBuild) -> str:
    pairs = build.counts["dual_view"]
    splits = ", ".join(f"{split} {pairs[split]}" for split in SPLITS if split in pairs)
    return (
        f"{build.path}: {build.yields['accepted']} pairs of opposite instructions ({splits}) from "
        f"{build.yields['read']} items; {build.yields['rejected']} rejected."
    )
