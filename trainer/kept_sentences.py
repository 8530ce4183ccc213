"""Sentences of the training passages, kept where the base model has them when it takes them for queries.

A search without an instruction is to give what it gave before. The bare queries of the training rows are of
their own few topics and of one form; sentences stand for the queries of other searches, claims and questions
among them.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

# Where a sentence ends; in languages that end it otherwise, the bare queries are kept alone.
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORDS = range(5, 36)
# Beyond so many sentences those with the smallest hashes are taken.
_MOST = 20_000


class KeptSentences:
    """Sentences with what the base model makes of them.

    :param vectors: (sentences, dim) unit vectors.
    """

    def __init__(self, texts: Sequence[str], vectors: Tensor) -> None:
        self.texts = texts
        self.vectors = vectors

    def draw(self, count: int, batch: str) -> tuple[list[str], Tensor]:
        """Draw some sentences and their vectors: the same ones for the same batch, in a resumed run too.

        :param batch: what tells the batch from others.
        """
        places = random.Random(batch).sample(range(len(self.texts)), min(count, len(self.texts)))
        return [self.texts[place] for place in places], self.vectors[torch.tensor(places, dtype=torch.int64)]


def sentences_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Cut the passages of training rows into sentences and take each once, in an order of no meaning."""
    found = {
        part
        for row in rows
        for passage in (*row["passages"], *row["hard_negatives"])
        for part in _SENTENCE_END.split(passage.strip())
        if len(part.split()) in _WORDS
    }
    return sorted(found, key=_hash)[:_MOST]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
