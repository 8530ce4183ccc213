"""How many passages the demo should encode at a time: CPU time by batch size, in ONNX Runtime and in PyTorch.

python benchmarks/space/batches.py FOLDER [--rounds 2]

FOLDER is an encoder with onnx/model.onnx, as ``dualview export --onnx`` writes it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sentence_transformers import SentenceTransformer
from sharing import SPACE, say

sys.path.insert(0, str(SPACE))

from flip.exported.side import ExportedSide

SIZES = (1, 2, 4, 8, 16, 32)
PASSAGES, WORDS = 64, 100


def made_up() -> list[str]:
    """Return passages of the words of the shipped examples, each with as many."""
    rows = json.loads((SPACE / "flip" / "text" / "examples.json").read_text(encoding="utf-8"))
    words = " ".join(passage["text"] for row in rows for passage in row["passages"]).split()
    source = random.Random(0)
    return [" ".join(source.sample(words, WORDS)) for _ in range(PASSAGES)]


def by_parts(side: ExportedSide, texts: Sequence[str], size: int) -> None:
    """Encode so many texts at a time."""
    for start in range(0, len(texts), size):
        side.run(texts[start : start + size])


def taken(work: Callable[[], object]) -> float:
    """Return the seconds of CPU that a call takes in all threads."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line for each batch size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=2, help="the fastest one counts")
    args = parser.parse_args(argv)
    side, model, texts = ExportedSide(args.folder), SentenceTransformer(str(args.folder)), made_up()
    # What is done once only.
    side.encode(texts[:4])
    model.encode_document(texts[:4])
    for size in SIZES:
        exported = min(taken(partial(by_parts, side, texts, size)) for _ in range(args.rounds))
        encode = partial(model.encode_document, texts, batch_size=size)
        torch = min(taken(encode) for _ in range(args.rounds))
        say(
            f"{PASSAGES} passages of {WORDS} words, {size} at a time: "
            f"ONNX {exported:.2f} s, PyTorch {torch:.2f} s"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
