"""Train a retriever on all views of each candidate set at once.

From a clone, on any number of processes (trainer/accelerate holds configurations for accelerate):

    accelerate launch trainer/train.py --recipe trainer/recipes/quickstart.yaml
    accelerate launch trainer/train.py --recipe trainer/recipes/minilm.yaml --dataset ./data --output ./run

Installed, the same is `python -m trainer.train`. The same command goes on from the last checkpoint after an
interruption, and does nothing once the model in --output is the one that these settings give. The folder
--output holds the trained model in model/, the log in log.jsonl and the loss curve in loss_curve.png.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__" and not __package__:
    # Run as a script, this folder stands first on the path, where its files would pass for packages.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from cards.readme import CardError
from trainer.arguments import parse_settings
from trainer.errors import InputError

logger = logging.getLogger("dualview.train")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    rank = int(os.environ.get("RANK", "0"))
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING)
    logger.setLevel(logging.INFO if rank == 0 else logging.WARNING)
    try:
        settings = parse_settings(argv, __doc__ or "")
        # PyTorch takes many seconds to import: not for --help, nor for a flag that is not understood.
        from trainer.runs.training import train

        folder = train(settings)
    except (InputError, CardError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("stopped; the same command goes on from the last checkpoint\n")
        return 130
    if rank == 0:
        sys.stdout.write(f"{folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
