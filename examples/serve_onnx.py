"""Encode queries by ONNX Runtime with eight bits a weight, without PyTorch, for an index of the base model.

    dualview export runs/own/model --out runs/own/int8 --onnx
    python examples/serve_onnx.py runs/own/int8

The passages' vectors come from any index of the base model; here sentence-transformers makes them.
"""

# /// script
# dependencies = ["onnxruntime", "tokenizers", "numpy", "sentence-transformers>=3.0"]
# ///
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

PASSAGES = Path(__file__).parent / "data" / "bicycles.jsonl"
QUERIES = ("electric bicycle The history, not the price.", "electric bicycle The price, not the history.")


def main(exported: str, base: str) -> None:
    """Encode the passages with the base model, then rank them for two queries."""
    passages = [json.loads(line) for line in PASSAGES.read_text(encoding="utf-8").splitlines()]
    texts = [f"{passage['title']}\n{passage['text']}" for passage in passages]
    vectors = SentenceTransformer(base).encode(texts, normalize_embeddings=True)

    tokenizer = Tokenizer.from_file(str(Path(exported, "tokenizer.json")))
    tokenizer.no_padding()
    session = InferenceSession(Path(exported, "onnx", "model_qint8.onnx"), providers=["CPUExecutionProvider"])
    for query in QUERIES:
        # A query prompt, where the model has one, goes before the text.
        tokens = tokenizer.encode(query)
        fields = {"input_ids": tokens.ids, "token_type_ids": tokens.type_ids}
        fields["attention_mask"] = tokens.attention_mask
        names = [node.name for node in session.get_inputs()]
        (state,) = session.run(None, {name: np.array([fields[name]], dtype=np.int64) for name in names})
        # Other models pool in other ways, see 1_Pooling/config.json.
        vector = state[0].mean(axis=0)
        scores = vectors @ (vector / np.linalg.norm(vector))
        found = [f"{passages[row]['title']} {scores[row]:.3f}" for row in np.argsort(-scores)[:3]]
        print(f"{query:46} {', '.join(found)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("exported", help="a folder that dualview export --onnx wrote")
    parser.add_argument("--base", default="sentence-transformers/all-MiniLM-L6-v2")
    arguments = parser.parse_args()
    main(arguments.exported, arguments.base)
