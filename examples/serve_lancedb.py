"""Search a table of LanceDB that the base model filled, under two opposite instructions.

    python examples/serve_lancedb.py runs/own/model/query

The table stays as it is: only queries are encoded by the trained model, from the folder `query` of it.
"""

# /// script
# dependencies = ["sentence-transformers>=3.0", "lancedb>=0.20"]
# ///
from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import lancedb
from sentence_transformers import SentenceTransformer

PASSAGES = Path(__file__).parent / "data" / "bicycles.jsonl"
QUERIES = ("electric bicycle The history, not the price.", "electric bicycle The price, not the history.")


def main(query_encoder: str, base: str) -> None:
    """Build the index with the base model, then ask it twice."""
    passages = [json.loads(line) for line in PASSAGES.read_text(encoding="utf-8").splitlines()]
    texts = [f"{passage['title']}\n{passage['text']}" for passage in passages]

    # LanceDB's registry of embedding functions encodes both sides by one model: give it vectors.
    vectors = SentenceTransformer(base).encode(texts)
    with tempfile.TemporaryDirectory() as folder:
        rows = [{**passage, "vector": vectors[i]} for i, passage in enumerate(passages)]
        table = lancedb.connect(folder).create_table("bicycles", rows)

        model = SentenceTransformer(query_encoder)
        for query in QUERIES:
            hits = table.search(model.encode(query)).distance_type("cosine").limit(3).to_list()
            found = [f"{hit['title']} {1 - hit['_distance']:.3f}" for hit in hits]
            print(f"{query:46} {', '.join(found)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("query_encoder", help="the folder query/ of a trained model, or its Hub id")
    parser.add_argument("--base", default="sentence-transformers/all-MiniLM-L6-v2")
    arguments = parser.parse_args()
    main(arguments.query_encoder, arguments.base)
