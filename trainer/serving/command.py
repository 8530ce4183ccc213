"""Write the query side of a trained model as an ordinary SentenceTransformer.

    dualview export runs/own/model --out runs/own/query

Every program that loads a SentenceTransformer can then encode queries by `encode`. Passages keep the base
model's vectors, so an index that you have serves it as it is. The export is compared with the model before it
is written.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    parser.add_argument("model", help="a trained model: a folder or a Hub id")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new or empty folder")


def run(args: argparse.Namespace) -> int:
    """Export the model, write the folder to standard output and return the exit code.

    :raises InputError: if the model or the folder cannot be used, or the vectors differ.
    """
    # PyTorch takes seconds to import: not for --help.
    from dualview.cards.terminal import write_line
    from dualview.command_line.running import hide_model_bars
    from dualview.trainer.serving.query_model import export

    hide_model_bars()
    exported = export(args.model, args.out)
    write_line(str(exported))
    sys.stdout.write(f"{exported.path}\n")
    return 0
