"""Base model's vectors of the training texts, computed once: what the loss keeps and holds fixed."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor

from dualview.trainer.batches.compositions import Compositions, texts_of
from dualview.trainer.batches.corpus_passages import CorpusPassages
from dualview.trainer.batches.kept_sentences import KeptSentences, sentences_of
from dualview.trainer.evaluation.rankers.text_encoder import TextEncoder
from dualview.trainer.evaluation.rankers.vector_store import VectorStore, text_key
from dualview.trainer.losses.labels import text_number

# Training rows whose texts are held at a time.
_ROWS = 5_000


class StoredVectors:
    """Unit vectors on disk, by text; only their places are in memory.

    :param store: has every text that will be looked up.
    """

    def __init__(self, store: VectorStore) -> None:
        self._store = store
        self._vectors = store.vectors()

    def of(self, texts: Sequence[str]) -> Tensor:
        """Look up vectors: (texts, dim)."""
        return self.at(self._store.rows([text_key(text) for text in texts]))

    def at(self, rows: np.ndarray) -> Tensor:
        """Read the vectors at some places: (rows, dim)."""
        return torch.from_numpy(np.asarray(self._vectors[rows], dtype=np.float32))


class BaseEmbeddings:
    """Base model's vectors of bare queries, documents, and further sentences that are kept.

    :param queries: vectors of the training rows' queries and of the kept sentences.
    :param documents: vectors of the training rows' passages.
    :param corpus: all passages of the training rows, where negatives are drawn from them.
    :param compositions: queries with phrases, where vectors are composed for them.
    """

    def __init__(
        self,
        queries: StoredVectors,
        documents: StoredVectors,
        kept: KeptSentences | None = None,
        corpus: CorpusPassages | None = None,
        compositions: Compositions | None = None,
    ) -> None:
        self.queries = queries
        self.documents = documents
        self.kept = kept
        self.corpus = corpus
        self.compositions = compositions

    def bare(self, texts: Sequence[str], is_bare: Sequence[bool]) -> Tensor:
        """Look up bare queries, with zeros for the other texts: (texts, dim)."""
        found = self.queries.of([text for text, bare in zip(texts, is_bare, strict=True) if bare])
        vectors = torch.zeros(len(texts), found.shape[1])
        vectors[torch.tensor(is_bare, dtype=torch.bool)] = found
        return vectors


def base_embeddings(
    model: SentenceTransformer,
    rows: Iterable[Mapping[str, Any]],
    cache: Path,
    keeps_sentences: bool = False,
    keeps_corpus: bool = False,
    bf16: bool = False,
    compositions: Compositions | None = None,
) -> BaseEmbeddings:
    """Encode the bare queries and all documents of training rows, or read what an earlier start encoded.

    :param model: the base model, before any training.
    :param rows: training rows; they are read twice where sentences are kept.
    :param cache: folder of the vectors, by model; several runs may share it.
    :param keeps_sentences: encode sentences of the passages too, see
        :mod:`dualview.trainer.batches.kept_sentences`.
    :param keeps_corpus: keep all passages, to draw negatives from, see
        :mod:`dualview.trainer.batches.corpus_passages`.
    :param bf16: multiply matrices in bfloat16, as the training does.
    :param compositions: encode their queries and phrases too, see
        :mod:`dualview.trainer.batches.compositions`.
    """
    kept = sentences_of(rows) if keeps_sentences else []
    corpus = array("q")
    encoder = TextEncoder(model, cache, half=True, show_progress=True, bf16=bf16)
    encoder.encode_queries(kept)
    if compositions is not None:
        encoder.encode_queries(texts_of(compositions.rows))
    left = iter(rows)
    while some := list(islice(left, _ROWS)):
        encoder.encode_queries([row["query"] for row in some])
        passages = [
            (row["query_id"], text) for row in some for text in (*row["passages"], *row["hard_negatives"])
        ]
        places = encoder.encode_documents([text for _, text in passages]).rows.tolist()
        if keeps_corpus:
            for (query_id, text), place in zip(passages, places, strict=True):
                corpus.extend((text_number(query_id), text_number(text), place))
    queries, documents = (StoredVectors(encoder.store(side)) for side in ("query", "document"))
    return BaseEmbeddings(
        queries,
        documents,
        KeptSentences(kept) if kept else None,
        CorpusPassages(np.frombuffer(corpus, dtype=np.int64).reshape(-1, 3)) if keeps_corpus else None,
        compositions,
    )
