"""Sentences of the training passages that, encoded as queries, are kept near the base model's vectors.

A search without an instruction should give what it gave before. The bare queries of the training rows have
few topics and one form; sentences represent the queries of other searches, claims and questions among them.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Ends of sentences; in languages that end them otherwise, only the bare queries are kept.
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORDS = range(5, 36)
# Those with the smallest hashes are taken; each is encoded once before the training.
_MOST = 4_000


class KeptSentences:
    """Distinct sentences to draw from."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    def draw(self, count: int, batch: str) -> list[str]:
        """Draw some sentences: the same ones for the same batch, in a resumed run too.

        :param batch: a text that identifies the batch.
        """
        return random.Random(batch).sample(self.texts, min(count, len(self.texts)))


def sentences_of(rows: Iterable[Mapping[str, Any]], most: int = _MOST) -> list[str]:
    """Cut the passages of training rows into sentences and take some of them, each once.

    :param most: number of sentences; at most twice as many are in memory.
    :return: in an order that does not depend on that of the rows.
    """
    found: dict[bytes, str] = {}
    for row in rows:
        for passage in (*row["passages"], *row["hard_negatives"]):
            for part in _SENTENCE_END.split(passage.strip()):
                if len(part.split()) in _WORDS:
                    found[_hash(part)] = part
        if len(found) > 2 * most:
            found = _first(found, most)
    return list(_first(found, most).values())


def _first(found: Mapping[bytes, str], most: int) -> dict[bytes, str]:
    return dict(sorted(found.items())[:most])


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
