"""Search a vector store of LangChain that the base model filled, under two opposite instructions.

    python examples/serve_langchain.py runs/own/model/query

The store stays as it is: only queries are encoded by the trained model, from the folder `query` of it.
"""

# /// script
# dependencies = ["sentence-transformers>=3.0", "langchain-core>=0.3", "langchain-huggingface>=0.1"]
# ///
from __future__ import annotations

import argparse
import json
from pathlib import Path

from langchain_core.vectorstores import InMemoryVectorStore
from langchain_huggingface import HuggingFaceEmbeddings

PASSAGES = Path(__file__).parent / "data" / "bicycles.jsonl"
QUERIES = ("electric bicycle The history, not the price.", "electric bicycle The price, not the history.")


def main(query_encoder: str, base: str) -> None:
    """Build the index with the base model, then ask it twice."""
    passages = [json.loads(line) for line in PASSAGES.read_text(encoding="utf-8").splitlines()]
    texts = [f"{passage['title']}\n{passage['text']}" for passage in passages]

    # One `Embeddings` object encodes both sides by one model, so the store gets the one for passages ...
    store = InMemoryVectorStore(HuggingFaceEmbeddings(model_name=base))
    store.add_texts(texts)

    # ... and a query comes as a vector, for which other stores have `similarity_search_by_vector`.
    model = HuggingFaceEmbeddings(model_name=query_encoder)
    for query in QUERIES:
        hits = store.similarity_search_with_score_by_vector(model.embed_query(query), k=3)
        found = [f"{hit.page_content.splitlines()[0]} {score:.3f}" for hit, score in hits]
        print(f"{query:46} {', '.join(found)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("query_encoder", help="the folder query/ of a trained model, or its Hub id")
    parser.add_argument("--base", default="sentence-transformers/all-MiniLM-L6-v2")
    arguments = parser.parse_args()
    main(arguments.query_encoder, arguments.base)
