"""Passages of the whole training text, drawn for each batch as further negatives.

A batch holds few topics, and a query that has learned to read instructions among the passages of its own
topic may lose the topic in a corpus. Where passages are frozen, all of their vectors are there: holding each
query against thousands of them is one product of matrices.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from trainer.batches.text_numbers import number_of


class CorpusPassages:
    """Passages by number, each with the query that it is a candidate of; their vectors are stored elsewhere.

    24 bytes a passage are held, and while they are added as many for each time that one comes up.
    """

    def __init__(self) -> None:
        self._added = array("q")
        self._found: np.ndarray | None = None

    def add(self, query_id: str, texts: Sequence[str], rows: Sequence[int]) -> None:
        """Add passages of a query.

        :param rows: where the vectors of the texts lie.
        """
        query = number_of(query_id)
        for text, row in zip(texts, rows, strict=True):
            self._added.extend((query, number_of(text), int(row)))
        self._found = None

    def draw(self, count: int, batch: str) -> tuple[Tensor, Tensor, np.ndarray]:
        """Draw passages, each once: the same ones for the same batch, in a resumed run too.

        :param count: how many; all if there are fewer.
        :param batch: what tells the batch from others.
        :return: numbers of their queries and of their texts, (passages,) each, and the rows of their vectors.
        """
        passages = self._passages()
        if count < len(passages):
            draw = np.random.default_rng(number_of(batch) % 2**63)
            passages = passages[draw.choice(len(passages), count, replace=False)]
        queries, texts, rows = passages.T
        return torch.from_numpy(queries.copy()), torch.from_numpy(texts.copy()), rows

    def __len__(self) -> int:
        return len(self._passages())

    def _passages(self) -> np.ndarray:
        """(passages, 3), each passage of a query once."""
        if self._found is None:
            added = np.frombuffer(self._added, dtype=np.int64).reshape(-1, 3)
            self._found = np.unique(added, axis=0)
            self._added = array("q", self._found.ravel().tobytes())
        return self._found
