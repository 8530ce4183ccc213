"""Search a collection of Chroma that the base model filled, under two opposite instructions.

    python examples/serve_chroma.py runs/own/model/query

The collection stays as it is: only queries are encoded by the trained model, from the folder `query` of it.
"""

# /// script
# dependencies = ["sentence-transformers>=3.0", "chromadb>=1.0"]
# ///
from __future__ import annotations

import argparse
import json
from pathlib import Path

import chromadb
from sentence_transformers import SentenceTransformer

PASSAGES = Path(__file__).parent / "data" / "bicycles.jsonl"
QUERIES = ("electric bicycle The history, not the price.", "electric bicycle The price, not the history.")


def main(query_encoder: str, base: str) -> None:
    """Build the index with the base model, then ask it twice."""
    passages = [json.loads(line) for line in PASSAGES.read_text(encoding="utf-8").splitlines()]
    texts = [f"{passage['title']}\n{passage['text']}" for passage in passages]

    client = chromadb.EphemeralClient()  # or PersistentClient(path="chroma")
    # Chroma then takes vectors: an embedding function of it would encode both sides alike.
    collection = client.create_collection(
        "bicycles", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )
    ids = [str(number) for number in range(len(texts))]
    collection.add(ids=ids, embeddings=SentenceTransformer(base).encode(texts), documents=texts)

    model = SentenceTransformer(query_encoder)
    for query in QUERIES:
        hits = collection.query(query_embeddings=model.encode([query]), n_results=3)
        pairs = zip(hits["documents"][0], hits["distances"][0], strict=True)
        found = [f"{text.splitlines()[0]} {1 - distance:.3f}" for text, distance in pairs]
        print(f"{query:46} {', '.join(found)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("query_encoder", help="the folder query/ of a trained model, or its Hub id")
    parser.add_argument("--base", default="sentence-transformers/all-MiniLM-L6-v2")
    arguments = parser.parse_args()
    main(arguments.query_encoder, arguments.base)
