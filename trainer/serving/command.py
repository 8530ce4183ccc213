"""Write the query side of a trained model as an ordinary SentenceTransformer.

    dualview export runs/own/model --out runs/own/query

Every program that loads a SentenceTransformer can then encode queries by `encode`. Passages keep the base
model's vectors, so an index that you have serves it as it is. The export is compared with the model before it
is written. `dualview train` writes the same into the folder query/ of a model; this command adds other forms:

    dualview export runs/own/model --out runs/own/int8 --onnx --dataset out/own
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
    parser.add_argument(
        "--dtype",
        choices=("float32", "float16", "bfloat16"),
        help="of the stored weights (default: that of the model)",
    )
    onnx = parser.add_argument_group("ONNX")
    onnx.add_argument(
        "--onnx",
        action="store_true",
        help="also write onnx/model.onnx and onnx/model_qint8.onnx, made by PyTorch's exporter and ONNX "
        'Runtime\'s quantisation (extra "onnx")',
    )
    onnx.add_argument(
        "--dataset", default="", help="a dual-view dataset: measure on it what the ONNX files lose in flips"
    )
    onnx.add_argument("--split", default="test", help="the measured split (default: test)")


def run(args: argparse.Namespace) -> int:
    """Export the model, write the folder to standard output and return the exit code.

    :raises InputError: if the model or the folder cannot be used, its vectors differ, or a package is
        missing.
    """
    # PyTorch takes seconds to import: not for --help.
    from dualview.cards.terminal import write_line
    from dualview.command_line.running import hide_model_bars
    from dualview.trainer.serving.exporting import export

    hide_model_bars()
    exported = export(
        args.model, args.out, onnx=args.onnx, dtype=args.dtype, dataset=args.dataset, split=args.split
    )
    for line in str(exported).splitlines():
        write_line(line)
    sys.stdout.write(f"{exported.path}\n")
    return 0
