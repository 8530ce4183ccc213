"""What the base model makes of the training texts, computed once: what the loss keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor

from trainer.evaluation.rankers.text_encoder import Encoded, TextEncoder
from trainer.kept_sentences import KeptSentences, sentences_of


class StoredVectors:
    """Unit vectors on disk, by text.

    :param texts: each once, in the order of ``encoded``.
    """

    def __init__(self, texts: Sequence[str], encoded: Encoded) -> None:
        self._places = {text: place for place, text in enumerate(texts)}
        self._encoded = encoded

    def of(self, texts: Sequence[str]) -> Tensor:
        """Look up vectors: (texts, dim)."""
        return torch.from_numpy(self._encoded.take([self._places[text] for text in texts]))


class BaseEmbeddings:
    """What the base model makes of bare queries, documents, and sentences that are kept besides.

    :param queries: of the training rows; ``documents`` likewise.
    """

    def __init__(
        self, queries: StoredVectors, documents: StoredVectors, kept: KeptSentences | None = None
    ) -> None:
        self.queries = queries
        self.documents = documents
        self.kept = kept

    def bare(self, texts: Sequence[str], is_bare: Sequence[bool]) -> Tensor:
        """Look up bare queries, with zeros for the other texts: (texts, dim)."""
        found = self.queries.of([text for text, bare in zip(texts, is_bare, strict=True) if bare])
        vectors = torch.zeros(len(texts), found.shape[1])
        vectors[torch.tensor(is_bare, dtype=torch.bool)] = found
        return vectors


def base_embeddings(
    model: SentenceTransformer,
    rows: Sequence[Mapping[str, Any]],
    cache: Path,
    keeps_sentences: bool = False,
    bf16: bool = False,
) -> BaseEmbeddings:
    """Encode the bare queries and all documents of training rows; what an earlier start did is read.

    :param model: the base model, before any training.
    :param cache: folder of the vectors, by model; several runs may share it.
    :param keeps_sentences: encode those of the passages too, see :mod:`trainer.kept_sentences`.
    :param bf16: multiply matrices in bfloat16, as the training does.
    """
    queries: dict[str, None] = {}
    documents: dict[str, None] = {}
    for row in rows:
        queries[row["query"]] = None
        documents.update(dict.fromkeys(row["passages"]))
        documents.update(dict.fromkeys(row["hard_negatives"]))
    kept = sentences_of(rows) if keeps_sentences else []
    encoder = TextEncoder(model, cache / "bf16" if bf16 else cache, half=True, show_progress=True)
    with torch.autocast(model.device.type, dtype=torch.bfloat16, enabled=bf16):
        of_queries = encoder.encode_queries([*queries, *kept])
        of_documents = encoder.encode_documents(list(documents))
    return BaseEmbeddings(
        StoredVectors([*queries, *kept], of_queries),
        StoredVectors(list(documents), of_documents),
        KeptSentences(kept) if kept else None,
    )
