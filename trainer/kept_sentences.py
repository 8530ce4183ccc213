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

# Where a sentence ends; in languages that end it otherwise, the bare queries are kept alone.
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORDS = range(5, 36)
# Beyond so many sentences those with the smallest hashes are taken: each is encoded once before the training.
_MOST = 4_000


class KeptSentences:
    """Sentences to draw from.

    :param texts: each once.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    def draw(self, count: int, batch: str) -> list[str]:
        """Draw some sentences: the same ones for the same batch, in a resumed run too.

        :param batch: what tells the batch from others.
        """
        return random.Random(batch).sample(self.texts, min(count, len(self.texts)))


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
