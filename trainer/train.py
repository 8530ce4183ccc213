"""Train a retriever on all views of each candidate set at once.

From a clone, on any number of processes (trainer/accelerate holds configurations for accelerate):

    accelerate launch trainer/train.py --recipe trainer/recipes/quickstart.yaml
    accelerate launch trainer/train.py --recipe trainer/recipes/minilm.yaml --dataset ./data --output ./run

Installed, the same is `dualview train`. The same command goes on from the last checkpoint after an
interruption, and does nothing once the model in --output is the one that these settings give. The folder
--output holds the trained model in model/, the log in log.jsonl and the loss curve in loss_curve.png.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__" and not __package__:
    # Run as a script, this folder stands first on the path, where its files would pass for packages.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from dualview import cli
from dualview.trainer.settings import parsing

logger = logging.getLogger("dualview.train")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    parsing.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train, write the model's folder to standard output and return the exit code.

    :raises InputError: if settings, model, data or output folder cannot be used, or the training had to stop.
    """
    rank = int(os.environ.get("RANK", "0"))
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING)
    logger.setLevel(logging.INFO if rank == 0 else logging.WARNING)
    settings = parsing.settings_of(args)
    # PyTorch takes many seconds to import: not for --help, nor for a flag that is not understood.
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
