"""How fast queries are encoded on one core, by each form of a trained model.

    dualview export runs/own/model --out runs/own/onnx --onnx
    python benchmarks/serving.py runs/own/model runs/own/onnx

Compares the model itself (whose Router sends a query to its side), the exported SentenceTransformer, and the
same transformer in ONNX Runtime in float32 and in int8: the median time of one query, and queries a second in
batches of 32. The forms take turns, so that what else the machine does slows all of them alike; times are of
the process, not of the clock.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

# Before NumPy and PyTorch are imported.
os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dualview.trainer.encoders.models import load_model
from dualview.trainer.serving.onnx_encoder import with_onnx
from dualview.trainer.serving.onnx_files import FULL, INT8

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

QUERIES = [
    f"{topic} {wanted}, not {unwanted}."
    for topic in ("electric bicycle", "sourdough bread", "moving a server to another provider", "knee pain")
    for wanted in (
        "Its history",
        "What it costs over ten years",
        "Only for those who begin",
        "In a small flat",
    )
    for unwanted in ("the price", "anything that needs special tools")
]

Encode = Callable[[list[str]], np.ndarray]


def encoders(model: Path, exported: Path) -> Mapping[str, Encode]:
    """Load every form of the model that there is."""
    trained, query_side = load_model(str(model), device="cpu"), load_model(str(exported), device="cpu")
    forms: dict[str, Encode] = {"two encoders": _by(trained, "query"), "exported": _by(query_side)}
    for name, path in (("ONNX", FULL), ("ONNX int8", INT8)):
        if (exported / path).is_file():
            forms[name] = _by(with_onnx(query_side, exported / path, threads=1))
    return forms


def _by(model: SentenceTransformer, task: str | None = None) -> Encode:
    def encode(texts: list[str]) -> np.ndarray:
        found = model.encode_query(texts) if task else model.encode(texts)
        return np.asarray(found)

    return encode


def measure(forms: Mapping[str, Encode], rounds: int) -> dict[str, tuple[float, float]]:
    """Return for each form the milliseconds of one query, and queries a second in batches; medians."""
    single: dict[str, list[float]] = {name: [] for name in forms}
    batches: dict[str, list[float]] = {name: [] for name in forms}
    for encode in forms.values():
        encode(QUERIES)
    for number in range(rounds):
        for name, encode in forms.items():
            single[name].append(_seconds(encode, [QUERIES[number % len(QUERIES)]]))
            if number % 5 == 0:
                batches[name].append(_seconds(encode, QUERIES))
    return {
        name: (1000 * float(np.median(single[name])), len(QUERIES) / float(np.median(batches[name])))
        for name in forms
    }


def _seconds(encode: Encode, texts: list[str]) -> float:
    start = time.process_time()
    encode(texts)
    return time.process_time() - start


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model", type=Path, help="a trained model")
    parser.add_argument("exported", type=Path, help="what `dualview export --onnx` wrote of it")
    parser.add_argument("--rounds", type=int, default=100)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    found = measure(encoders(arguments.model, arguments.exported), arguments.rounds)
    slowest = found["two encoders"][1]
    sys.stdout.write(f"{'':14}{'ms a query':>12}{'queries/s':>12}{'times':>8}\n")
    for name, (milliseconds, rate) in found.items():
        sys.stdout.write(f"{name:14}{milliseconds:12.1f}{rate:12.0f}{rate / slowest:8.1f}\n")


if __name__ == "__main__":
    main()
