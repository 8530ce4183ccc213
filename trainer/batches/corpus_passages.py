"""Passages of the whole training text, drawn for each batch as further negatives.

A batch holds few topics, and a query that has learned to read instructions among the passages of its own
topic may lose the topic in a corpus. The base model's vectors of all passages are known: to compare each
query with thousands of them is one product of matrices. That holds as
long as passages stay near those vectors: frozen, or held there by ``keep_documents_weight``.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import torch
from torch import Tensor

from dualview.trainer.losses.labels import text_number


class CorpusPassages:
    """Passages as numbers, 24 bytes each; their vectors are stored elsewhere.

    :param passages: (passages, 3) integers: the number of a query that the passage is a candidate of, that of
        its text, and the row of its vector; the same one may come twice.
    """

    def __init__(self, passages: np.ndarray) -> None:
        self._passages = np.unique(passages, axis=0)

    def draw(
        self, count: int, batch: str, without: Collection[int] = ()
    ) -> tuple[Tensor, Tensor, np.ndarray]:
        """Draw passages, each once: the same ones for the same batch, in a resumed run too.

        :param count: number of passages; all if there are fewer.
        :param batch: a text that identifies the batch.
        :param without: numbers of texts that are left out of what was drawn.
        :return: numbers of their queries and of their texts, (passages,) each, and the rows of their vectors.
        """
        drawn = self._passages
        if count < len(drawn):
            generator = np.random.default_rng(text_number(batch) % 2**63)
            drawn = drawn[generator.choice(len(drawn), count, replace=False)]
        if without:
            drawn = drawn[~np.isin(drawn[:, 1], np.fromiter(without, np.int64, len(without)))]
        queries, texts, rows = drawn.T
        return torch.from_numpy(queries.copy()), torch.from_numpy(texts.copy()), rows

    def __len__(self) -> int:
        return len(self._passages)
