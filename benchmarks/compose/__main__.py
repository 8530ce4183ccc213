"""Train and measure the sweep.

    python -m benchmarks.compose --data .gpu/data --model .gpu/model --out runs/compose --budget 420

``benchmarks/compose/pack.py`` makes both folders. A second run with the same ``--out`` skips what is there.
Further configurations come from a file: ``--extra FILE`` holds a JSON list of objects, each with a ``name``
and the settings that differ from the default (benchmarks/compose/configurations.py); they go first. A try on
a CPU:

    python -m benchmarks.compose ... --small 16 --steps 3 --only main --workers 1 --threads 2
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.compose.configurations import Configuration, all_configurations
from benchmarks.compose.sweep import Setup, sweep


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the arguments."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the text")
    parser.add_argument("--model", type=Path, required=True, help="folder of the encoder")
    parser.add_argument("--out", type=Path, required=True, help="folder of the results")
    parser.add_argument(
        "--budget", type=float, default=420, help="seconds after which nothing new is started"
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these, in this order; base is one")
    parser.add_argument("--extra", type=Path, help="file of further configurations")
    parser.add_argument("--test", action="store_true", help="measure the test parts: for the final few")
    parser.add_argument("--workers", type=int, default=3, help="trainings beside each other")
    parser.add_argument("--threads", type=int, default=4, help="CPU threads of each")
    parser.add_argument("--bf16", action="store_true", help="multiply matrices in bfloat16")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--small", type=int, default=0, help="cut all texts to about so many, for a try")
    parser.add_argument("--steps", type=int, default=0, help="steps of every configuration, for a try")
    return parser.parse_args(argv)


def chosen(arguments: argparse.Namespace) -> list[Configuration]:
    """List what is to be run, the extra ones first.

    :raises SystemExit: if a name is not known.
    """
    extra = []
    if arguments.extra:
        for row in json.loads(arguments.extra.read_text(encoding="utf-8")):
            row["sources"] = tuple(row.get("sources", Configuration("").sources))
            extra.append(Configuration(**row))
    found = {one.name: one for one in [*extra, *all_configurations()]}
    names = [name for name in arguments.only or found if name != "base"]
    for name in names:
        if name not in found:
            raise SystemExit(f"no configuration is named {name!r}; choose from: {', '.join(found)}")
    return [replace(found[name], steps=arguments.steps or found[name].steps) for name in names]


def main(argv: Sequence[str] | None = None) -> None:
    """Run the sweep."""
    arguments = parse_arguments(argv)
    setup = Setup(
        data=arguments.data,
        model=arguments.model,
        device=arguments.device,
        deadline=time.time() + arguments.budget,
        test=arguments.test,
        small=arguments.small,
        threads=arguments.threads,
        bf16=arguments.bf16,
    )
    base = not arguments.only or "base" in arguments.only
    sweep(setup, chosen(arguments), arguments.out, arguments.workers, base)


if __name__ == "__main__":
    main()
