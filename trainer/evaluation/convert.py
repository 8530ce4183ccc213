"""Turn a benchmark's published files into a local folder that ``--benchmark`` takes.

    python -m trainer.evaluation.convert nevir test.csv runs/benchmarks/nevir
    python -m trainer.evaluation.convert infosearch Length-v1 runs/benchmarks/infosearch-length

The files come from the Hub, for instance:

    hf download jianqunZ/Length-v1 --repo-type dataset --local-dir Length-v1
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from trainer.errors import InputError
from trainer.evaluation.converters.corpora import convert_excluir, convert_infosearch, convert_mair
from trainer.evaluation.converters.pairs import convert_condaqa, convert_nevir, convert_pairs
from trainer.evaluation.converters.writing import Converted, write_benchmark

CONVERTERS: dict[str, Callable[[Path], Converted]] = {
    "condaqa": convert_condaqa,
    "excluir": convert_excluir,
    "infosearch": convert_infosearch,
    "mair": convert_mair,
    "nevir": convert_nevir,
    "pairs": convert_pairs,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m trainer.evaluation.convert",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for name, converter in CONVERTERS.items():
        text = inspect.getdoc(converter) or ""
        kind = kinds.add_parser(
            name,
            help=text.splitlines()[0].replace("``", ""),
            description=text.replace("``", ""),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        kind.add_argument("source", type=Path, help="the published file or folder")
        kind.add_argument("out", type=Path, help="the folder to make")
    arguments = parser.parse_args(argv)
    try:
        converted = CONVERTERS[arguments.kind](arguments.source)
        write_benchmark(arguments.out, converted)
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stderr.write(
        f"{arguments.out}: {len(converted.queries):,} queries, {len(converted.documents):,} documents\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
