"""Encoder of many texts: each once, longest first, with progress, into a store on disk."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from tqdm import tqdm

from dualview.cards.errors import InputError
from dualview.trainer.encoders.precision import bfloat16_products
from dualview.trainer.encoders.sides import modules_of
from dualview.trainer.evaluation.rankers.vector_store import VectorStore, text_key

# The store's folder for each side.
_FOLDERS = {"query": "queries", "document": "documents"}
#: Texts encoded between two writes to the store.
_CHUNK = 512


@dataclass(frozen=True)
class Encoded:
    """Vectors of some texts: rows of a matrix that may be on disk.

    :param vectors: (stored, dim), float32 or float16.
    :param rows: the row of each text.
    """

    vectors: np.ndarray
    rows: np.ndarray

    def take(self, places: Sequence[int] | np.ndarray | slice) -> np.ndarray:
        """Return the vectors of some of the texts, (texts, dim), float32."""
        return np.asarray(self.vectors[self.rows[places]], dtype=np.float32)


class TextEncoder:
    """Encodes queries and documents with a model, with its own prompts.

    :param cache: folder of the stores, one for each state of a model, and of each side of a split one: those
        that share the passages' encoder share their vectors. None keeps vectors in memory.
    :param half: store vectors in half precision.
    :param keeps_queries: store those of queries too, rather than keep them in memory.
    :param bf16: multiply matrices in bfloat16. Its vectors have stores of their own.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        cache: Path | None = None,
        half: bool = False,
        batch_size: int = 32,
        show_progress: bool = False,
        keeps_queries: bool = True,
        bf16: bool = False,
    ) -> None:
        if model.similarity_fn_name not in ("cosine", "dot"):
            raise InputError(
                f"the model compares by {model.similarity_fn_name!r}; only cosine and dot can be evaluated"
            )
        self._normalize = model.similarity_fn_name == "cosine"
        self._model, self._half, self._batch_size = model, half, batch_size
        self._show_progress, self._bf16 = show_progress, bf16
        sides = tuple(_FOLDERS) if keeps_queries else ("document",)
        suffix = f"{'-bf16' * bf16}{'-half' * half}"
        self._stores = _stores(model, cache, sides, suffix) if cache else {}

    def encode_queries(self, texts: Sequence[str]) -> Encoded:
        """Encode texts as queries."""
        return self._encode(texts, "query", self._model.encode_query)

    def encode_documents(self, texts: Sequence[str]) -> Encoded:
        """Encode texts as documents."""
        return self._encode(texts, "document", self._model.encode_document)

    def _encode(self, texts: Sequence[str], side: str, encode: Callable[..., np.ndarray]) -> Encoded:
        dimension = self._model.get_embedding_dimension()
        if side not in self._stores or dimension is None:
            distinct = {text: row for row, text in enumerate(dict.fromkeys(texts))}
            rows = np.array([distinct[text] for text in texts], dtype=np.int64)
            return Encoded(self._vectors(encode, list(distinct)), rows)
        store = self.store(side)
        keys = [text_key(text) for text in texts]
        # The longest first: texts that do not fit into memory fail at once, and the time left only falls.
        new = sorted(store.missing(keys), key=lambda place: -len(texts[place]))
        with self._progress(len(new), _FOLDERS[side]) as bar:
            for start in range(0, len(new), _CHUNK):
                places = new[start : start + _CHUNK]
                store.add([keys[p] for p in places], self._vectors(encode, [texts[p] for p in places]))
                bar.update(len(places))
        return Encoded(store.vectors(), store.rows(keys))

    def store(self, side: str) -> VectorStore:
        """Open the store of a side, with all vectors that it holds now.

        :param side: ``query`` or ``document``.
        """
        return VectorStore(self._stores[side], int(self._model.get_embedding_dimension() or 0), self._half)

    def _vectors(self, encode: Callable[..., np.ndarray], texts: list[str]) -> np.ndarray:
        with bfloat16_products(self._model.device.type, self._bf16):
            return encode(
                texts,
                batch_size=self._batch_size,
                normalize_embeddings=self._normalize,
                convert_to_numpy=True,
                show_progress_bar=False,
            )

    def _progress(self, texts: int, kind: str) -> tqdm[Any]:
        # On a terminal one live line; in a log a line every 20 seconds.
        return tqdm(
            total=texts,
            desc=f"Encoding {kind}",
            unit="text",
            file=sys.stderr,
            disable=not (self._show_progress and texts),
            mininterval=0.5 if sys.stderr.isatty() else 20,
            leave=False,
        )


def _stores(model: SentenceTransformer, cache: Path, sides: Sequence[str], suffix: str) -> dict[str, Path]:
    """Return the folder of each side's vectors."""
    return {side: cache / f"{model_key(model, side)}{suffix}" / _FOLDERS[side] for side in sides}


def model_key(model: SentenceTransformer | CrossEncoder, side: str) -> str:
    """Hash everything that a model's vectors depend on: modules, token limit, prompts, tokeniser, weights.

    :param side: ``query`` or ``document``; parts of the other side alone do not count.
    """
    digest = hashlib.blake2b(digest_size=12)
    encoder = modules_of(model, side)
    modules: list[object] = [
        (type(module).__name__, getattr(module, "get_config_dict", dict)()) for module in encoder.children()
    ]
    tokenizer = _tokenizer(getattr(model, "tokenizer", None))
    other = "document" if side == "query" else "query"
    prompts = {name: prompt for name, prompt in model.prompts.items() if name != other}
    settings = (modules, model.max_seq_length, prompts, model.default_prompt_name, tokenizer)
    digest.update(repr(settings).encode())
    for name, tensor in sorted(encoder.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _tokenizer(tokenizer: Any) -> str:  # noqa: ANN401 - whatever a model brings
    """Describe a tokeniser without what the last call left in it: where to cut and how far to pad."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return repr(tokenizer)
    parts = json.loads(backend.to_str())
    return repr({name: part for name, part in parts.items() if name not in ("truncation", "padding")})
