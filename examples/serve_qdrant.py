"""Search a collection of Qdrant that the base model filled, under two opposite instructions.

    python examples/serve_qdrant.py runs/own/model/query

The collection stays as it is: only queries are encoded by the trained model, from the folder `query` of it.
"""

# /// script
# dependencies = ["sentence-transformers>=3.0", "qdrant-client>=1.12"]
# ///
from __future__ import annotations

import argparse
import json
from pathlib import Path

from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams
from sentence_transformers import SentenceTransformer

PASSAGES = Path(__file__).parent / "data" / "bicycles.jsonl"
QUERIES = ("electric bicycle The history, not the price.", "electric bicycle The price, not the history.")


def main(query_encoder: str, base: str) -> None:
    """Build the index with the base model, then ask it twice."""
    passages = [json.loads(line) for line in PASSAGES.read_text(encoding="utf-8").splitlines()]
    texts = [f"{passage['title']}\n{passage['text']}" for passage in passages]

    vectors = SentenceTransformer(base).encode(texts)
    client = QdrantClient(":memory:")  # or a server: QdrantClient(url="http://localhost:6333")
    size = vectors.shape[1]
    client.create_collection("bicycles", vectors_config=VectorParams(size=size, distance=Distance.COSINE))
    points = [PointStruct(id=i, vector=vectors[i].tolist(), payload=passages[i]) for i in range(len(texts))]
    client.upsert("bicycles", points)

    model = SentenceTransformer(query_encoder)
    for query in QUERIES:
        hits = client.query_points("bicycles", query=model.encode(query).tolist(), limit=3).points
        found = [f"{hit.payload['title']} {hit.score:.3f}" for hit in hits]
        print(f"{query:46} {', '.join(found)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("query_encoder", help="the folder query/ of a trained model, or its Hub id")
    parser.add_argument("--base", default="sentence-transformers/all-MiniLM-L6-v2")
    arguments = parser.parse_args()
    main(arguments.query_encoder, arguments.base)
