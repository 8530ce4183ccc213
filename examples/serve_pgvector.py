"""Search a table of Postgres with pgvector that the base model filled, under two opposite instructions.

    python examples/serve_pgvector.py runs/own/model/query

The table stays as it is: only queries are encoded by the trained model, from the folder `query` of it.
"""

# /// script
# dependencies = ["sentence-transformers>=3.0", "pgserver", "psycopg[binary]>=3.1", "pgvector>=0.3"]
# ///
from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import pgserver
import psycopg
from pgvector.psycopg import register_vector
from sentence_transformers import SentenceTransformer

PASSAGES = Path(__file__).parent / "data" / "bicycles.jsonl"
QUERIES = ("electric bicycle The history, not the price.", "electric bicycle The price, not the history.")


def main(query_encoder: str, base: str) -> None:
    """Build the index with the base model, then ask it twice."""
    passages = [json.loads(line) for line in PASSAGES.read_text(encoding="utf-8").splitlines()]
    texts = [f"{passage['title']}\n{passage['text']}" for passage in passages]

    vectors = SentenceTransformer(base).encode(texts)
    model = SentenceTransformer(query_encoder)
    # A Postgres of its own, from the package index; with one that you run, connect to that.
    with (
        tempfile.TemporaryDirectory() as folder,
        pgserver.get_server(folder) as server,
        psycopg.connect(server.get_uri(), autocommit=True) as database,
    ):
        database.execute("CREATE EXTENSION IF NOT EXISTS vector")
        register_vector(database)
        database.execute(f"CREATE TABLE bicycles (title text, embedding vector({vectors.shape[1]}))")
        for passage, vector in zip(passages, vectors, strict=True):
            database.execute("INSERT INTO bicycles VALUES (%s, %s)", (passage["title"], vector))
        for query in QUERIES:
            hits = database.execute(
                "SELECT title, embedding <=> %s AS distance FROM bicycles ORDER BY distance LIMIT 3",
                (model.encode(query),),
            )
            found = [f"{title} {1 - distance:.3f}" for title, distance in hits]
            print(f"{query:46} {', '.join(found)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("query_encoder", help="the folder query/ of a trained model, or its Hub id")
    parser.add_argument("--base", default="sentence-transformers/all-MiniLM-L6-v2")
    arguments = parser.parse_args()
    main(arguments.query_encoder, arguments.base)
