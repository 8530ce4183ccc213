"""What the base model makes of the training texts, computed once: what the loss keeps."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor

from trainer.kept_sentences import KeptSentences, sentences_of

logger = logging.getLogger("dualview.train")


class BaseEmbeddings:
    """Unit vectors of bare queries and documents, by text.

    :param query_vectors: (queries, dim), at the places of ``queries``; documents likewise.
    :param kept: sentences to keep besides, where the loss has a term for them.
    """

    def __init__(
        self,
        queries: Sequence[str],
        query_vectors: np.ndarray,
        documents: Sequence[str],
        document_vectors: np.ndarray,
        kept: KeptSentences | None = None,
    ) -> None:
        self.kept = kept
        self._queries = {text: place for place, text in enumerate(queries)}
        self._query_vectors = torch.from_numpy(query_vectors)
        self._documents = {text: place for place, text in enumerate(documents)}
        self._document_vectors = torch.from_numpy(document_vectors)

    def queries(self, texts: Sequence[str], bare: Sequence[bool]) -> Tensor:
        """Look up bare queries, with zeros for the other texts: (texts, dim)."""
        vectors = torch.zeros(len(texts), self._query_vectors.shape[1], dtype=self._query_vectors.dtype)
        places = [place for place, is_bare in enumerate(bare) if is_bare]
        vectors[places] = self._query_vectors[[self._queries[texts[place]] for place in places]]
        return vectors

    def documents(self, texts: Sequence[str]) -> Tensor:
        """Look up documents: (texts, dim)."""
        return self._document_vectors[[self._documents[text] for text in texts]]


def base_embeddings(
    model: SentenceTransformer, rows: Sequence[Mapping[str, Any]], store: Path, keeps_sentences: bool = False
) -> BaseEmbeddings:
    """Encode the bare queries and all documents of training rows, or read what an earlier start did.

    :param model: the base model, before any training.
    :param store: a file of this run; written in one step.
    :param keeps_sentences: encode those of the passages too, see :mod:`trainer.kept_sentences`.
    """
    queries: dict[str, None] = {}
    documents: dict[str, None] = {}
    for row in rows:
        queries[row["query"]] = None
        documents.update(dict.fromkeys(row["passages"]))
        documents.update(dict.fromkeys(row["hard_negatives"]))
    kept = sentences_of(rows) if keeps_sentences else []
    if not store.is_file():
        logger.info(
            "encoding %d queries and %d passages with the base model",
            len(queries) + len(kept),
            len(documents),
        )
        vectors: dict[str, Any] = {
            name: encode(texts, normalize_embeddings=True).astype(np.float16)
            for name, encode, texts in (
                ("queries", model.encode_query, list(queries)),
                ("documents", model.encode_document, list(documents)),
                ("kept", model.encode_query, kept),
            )
            if texts
        }
        beside = store.with_name(f".{os.getpid()}-{store.name}")
        np.savez(beside, **vectors)
        beside.replace(store)
    with np.load(store) as stored:
        return BaseEmbeddings(
            list(queries),
            stored["queries"],
            list(documents),
            stored["documents"],
            KeptSentences(kept, torch.from_numpy(stored["kept"])) if kept else None,
        )
