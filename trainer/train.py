"""Train a retriever on all views of each candidate set at once.

    dualview train --recipe minilm --dataset ./data --out ./run

On several processes, or from a clone (trainer/accelerate holds configurations for accelerate):

    accelerate launch -m dualview.trainer.train --recipe minilm --dataset ./data --out ./run
    accelerate launch trainer/train.py --recipe minilm --dataset ./data --out ./run

After an interruption, the same command goes on from the last checkpoint; once the model is trained, it does
nothing. The folder --out holds the trained model in model/, the log in log.jsonl and the loss curve in
loss_curve.png.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

if __name__ == "__main__" and not __package__:
    # Python puts a script's folder first on the path, where its files would be taken for packages.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from tqdm import tqdm

from dualview import cli
from dualview.trainer.settings import parsing
from dualview.trainer.settings.recipes import list_recipes

logger = logging.getLogger("dualview.train")


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes log lines to standard error, above the live line where there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        with tqdm.external_write_mode(file=self.stream):
            super().emit(record)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    parsing.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train, write the model's folder to standard output and return the exit code.

    :raises InputError: if settings, model, data or output folder cannot be used, or the training had to stop.
    """
    rank = int(os.environ.get("RANK", "0"))
    logging.basicConfig(handlers=[LineHandler(sys.stderr)], format="%(message)s", level=logging.WARNING)
    logger.setLevel(logging.INFO if rank == 0 else logging.WARNING)
    if args.list_recipes:
        sys.stdout.write(list_recipes())
        return 0
    settings = parsing.settings_of(args)
    # PyTorch takes seconds to import: too long for --help or a wrong flag.
    from dualview.command_line.running import hide_model_bars
    from dualview.trainer.runs.training import train

    hide_model_bars()
    folder = train(settings)
    if rank == 0:
        sys.stdout.write(f"{folder}\n")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``dualview train`` and return the exit code, see :mod:`dualview.command_line.running`."""
    return cli.run_one("train", argv, "train.py")


if __name__ == "__main__":
    sys.exit(main())
