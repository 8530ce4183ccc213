"""Evaluation of held-out compositions during a training: how near they are to what they should become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.evaluation import BaseEvaluator
from torch import Tensor

from dualview.trainer.batches.compositions import (
    CompositionRule,
    Compositions,
    composed_vectors,
    texts_of,
)
from dualview.trainer.evaluation.rankers.text_encoder import TextEncoder

# Most rows that are evaluated: seconds on a CPU.
_MOST = 512
#: Figures by the kind of the composition.
FIGURE = "{kind}_cosine"


class CompositionEvaluator(BaseEvaluator):
    """Mean cosine of queries with phrases with their composed vectors, for each kind.

    Texts that must stay where they are are compared with the base model's vectors of them. The wordings and
    phrases of the validation split are in no training row, so that the figures say what carries over.

    :param rows: compositions with ``kind`` and ``text``.
    :param targets: (rows, dim) unit vectors, see :func:`evaluator_of`.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], targets: Tensor, batch_size: int = 32) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kinds = np.array([row["kind"] for row in rows])
        self.texts = [row["text"] for row in rows]
        self.targets = targets
        self.batch_size = batch_size

    def __call__(  # type: ignore[override]  # it evaluates encoders, not every model of the library
        self, model: SentenceTransformer, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Evaluate: a figure such as ``exclusion_cosine`` for each kind that the rows have."""
        vectors = model.encode_query(
            self.texts,
            batch_size=self.batch_size,
            normalize_embeddings=True,
            convert_to_tensor=True,
            show_progress_bar=False,
        )
        cosines = (torch.as_tensor(vectors).float().cpu() * self.targets).sum(dim=1).numpy()
        return {
            FIGURE.format(kind=kind): float(cosines[self.kinds == kind].mean())
            for kind in sorted(set(self.kinds.tolist()))
        }


def evaluator_of(model: SentenceTransformer, rows: Dataset, rule: CompositionRule) -> CompositionEvaluator:
    """Make the evaluator of some held-out compositions, the same ones for the same rows.

    :param model: the base model, before any training.
    :param rows: the validation split of :func:`dualview.trainer.data.compositions.load_compositions`.
    """
    drawn = Compositions(rows, rule).draw(_MOST, "validation")
    texts = texts_of(drawn)
    vectors = TextEncoder(model).encode_queries(texts)
    return CompositionEvaluator(
        drawn, composed_vectors(drawn, _Found(texts, vectors.take(slice(None))), rule)
    )


class _Found:
    """Vectors in memory, found by their text."""

    def __init__(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        self._places = {text: place for place, text in enumerate(texts)}
        self._vectors = torch.from_numpy(vectors)

    def of(self, texts: Sequence[str]) -> Tensor:
        return self._vectors[[self._places[text] for text in texts]]
