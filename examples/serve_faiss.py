"""Search an index of FAISS that the base model made, under two opposite instructions.

    python examples/serve_faiss.py runs/own/model/query

The index stays as it is: only queries are encoded by the trained model, from the folder `query` of it.
"""

# /// script
# dependencies = ["sentence-transformers>=3.0", "faiss-cpu"]
# ///
from __future__ import annotations

import argparse
import json
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer

PASSAGES = Path(__file__).parent / "data" / "bicycles.jsonl"
QUERIES = ("electric bicycle The history, not the price.", "electric bicycle The price, not the history.")


def main(query_encoder: str, base: str) -> None:
    """Build the index with the base model, then ask it twice."""
    passages = [json.loads(line) for line in PASSAGES.read_text(encoding="utf-8").splitlines()]
    texts = [f"{passage['title']}\n{passage['text']}" for passage in passages]

    vectors = SentenceTransformer(base).encode(texts, normalize_embeddings=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)

    model = SentenceTransformer(query_encoder)
    for query in QUERIES:
        scores, rows = index.search(model.encode([query], normalize_embeddings=True), 3)
        found = [
            f"{passages[row]['title']} {score:.3f}" for row, score in zip(rows[0], scores[0], strict=True)
        ]
        print(f"{query:46} {', '.join(found)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("query_encoder", help="the folder query/ of a trained model, or its Hub id")
    parser.add_argument("--base", default="sentence-transformers/all-MiniLM-L6-v2")
    arguments = parser.parse_args()
    main(arguments.query_encoder, arguments.base)
