"""Turn a benchmark's published files into a local folder that ``--benchmark`` takes.

    dualview convert nevir test.csv runs/benchmarks/nevir
    dualview convert infosearch Length-v1 runs/benchmarks/infosearch-length

The files come from the Hub, for instance:

    hf download jianqunZ/Length-v1 --repo-type dataset --local-dir Length-v1
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dualview import cli
from dualview.cards.terminal import write_line
from dualview.trainer.evaluation.converters.published_corpora import (
    convert_excluir,
    convert_infosearch,
    convert_mair,
)
from dualview.trainer.evaluation.converters.published_pairs import (
    convert_condaqa,
    convert_nevir,
    convert_pairs,
)
from dualview.trainer.evaluation.converters.write_folder import Converted, write_benchmark

CONVERTERS: dict[str, Callable[[Path], Converted]] = {
    "condaqa": convert_condaqa,
    "excluir": convert_excluir,
    "infosearch": convert_infosearch,
    "mair": convert_mair,
    "nevir": convert_nevir,
    "pairs": convert_pairs,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for name, converter in CONVERTERS.items():
        text = inspect.getdoc(converter) or ""
        kind = kinds.add_parser(
            name,
            help=text.splitlines()[0].replace("``", ""),
            description=text.replace("``", ""),
        )
        kind.add_argument("source", type=Path, help="the published file or folder")
        kind.add_argument("out", type=Path, help="the folder to make")


def run(args: argparse.Namespace) -> int:
    """Convert the files and return the exit code.

    :raises InputError: if the source cannot be read, or the folder cannot be written.
    """
    converted = CONVERTERS[args.kind](args.source)
    write_benchmark(args.out, converted)
    write_line(f"{args.out}: {len(converted.queries):,} queries, {len(converted.documents):,} documents")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``dualview convert`` and return the exit code, see :mod:`dualview.command_line.running`."""
    return cli.run_one("convert", argv, "dualview convert")


if __name__ == "__main__":
    sys.exit(main())
