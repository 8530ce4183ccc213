"""Search an index of LlamaIndex that the base model made, under two opposite instructions.

    python examples/serve_llamaindex.py runs/own/model/query

The index stays as it is: only queries are encoded by the trained model, from the folder `query` of it.
"""

# /// script
# dependencies = [
#     "sentence-transformers>=3.0", "llama-index-core>=0.12", "llama-index-embeddings-huggingface>=0.5",
# ]
# ///
from __future__ import annotations

import argparse
import json
from pathlib import Path

from llama_index.core import VectorStoreIndex
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding

PASSAGES = Path(__file__).parent / "data" / "bicycles.jsonl"
QUERIES = ("electric bicycle The history, not the price.", "electric bicycle The price, not the history.")


def main(query_encoder: str, base: str) -> None:
    """Build the index with the base model, then ask it twice."""
    passages = [json.loads(line) for line in PASSAGES.read_text(encoding="utf-8").splitlines()]
    texts = [f"{passage['title']}\n{passage['text']}" for passage in passages]

    nodes = [TextNode(text=text) for text in texts]
    index = VectorStoreIndex(nodes, embed_model=HuggingFaceEmbedding(model_name=base))

    # A retriever may have its own encoder. It empties the query prompt: name yours, if there is one, by
    # `query_instruction`.
    retriever = index.as_retriever(
        embed_model=HuggingFaceEmbedding(model_name=query_encoder), similarity_top_k=3
    )
    for query in QUERIES:
        found = [f"{hit.text.splitlines()[0]} {hit.score:.3f}" for hit in retriever.retrieve(query)]
        print(f"{query:46} {', '.join(found)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("query_encoder", help="the folder query/ of a trained model, or its Hub id")
    parser.add_argument("--base", default="sentence-transformers/all-MiniLM-L6-v2")
    arguments = parser.parse_args()
    main(arguments.query_encoder, arguments.base)
