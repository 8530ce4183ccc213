"""Search a document store of Haystack that the base model filled, under two opposite instructions.

    python examples/serve_haystack.py runs/own/model/query

The store stays as it is: only queries are encoded by the trained model, from the folder `query` of it.
"""

# /// script
# dependencies = ["sentence-transformers>=5.0", "haystack-ai>=3.0", "sentence-transformers-haystack>=2.0"]
# ///
from __future__ import annotations

import argparse
import json
from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.retrievers import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

PASSAGES = Path(__file__).parent / "data" / "bicycles.jsonl"
QUERIES = ("electric bicycle The history, not the price.", "electric bicycle The price, not the history.")


def main(query_encoder: str, base: str) -> None:
    """Build the index with the base model, then ask it twice."""
    passages = [json.loads(line) for line in PASSAGES.read_text(encoding="utf-8").splitlines()]
    texts = [f"{passage['title']}\n{passage['text']}" for passage in passages]

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    documents = [Document(content=text) for text in texts]
    store.write_documents(SentenceTransformersDocumentEmbedder(model=base).run(documents)["documents"])

    pipeline = Pipeline()
    pipeline.add_component("query", SentenceTransformersTextEmbedder(model=query_encoder, progress_bar=False))
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=3))
    pipeline.connect("query.embedding", "retriever.query_embedding")
    for query in QUERIES:
        hits = pipeline.run({"query": {"text": query}})["retriever"]["documents"]
        found = [f"{hit.content.splitlines()[0]} {hit.score:.3f}" for hit in hits]
        print(f"{query:46} {', '.join(found)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("query_encoder", help="the folder query/ of a trained model, or its Hub id")
    parser.add_argument("--base", default="sentence-transformers/all-MiniLM-L6-v2")
    arguments = parser.parse_args()
    main(arguments.query_encoder, arguments.base)
