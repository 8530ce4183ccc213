"""Training of smaller embedding sizes with sentence-transformers' MatryoshkaLoss (arXiv 2205.13147)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.losses.gradcache import uses_gradient_cache
from sentence_transformers.sentence_transformer.losses import MatryoshkaLoss
from torch import Tensor, nn

from dualview.cards.errors import InputError
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.losses.labels import BatchLabels


class MatryoshkaDualViewLoss(MatryoshkaLoss):
    """Sum of the loss at the full embedding size and at each smaller one.

    :param dims: the smaller sizes; the full one is always trained.
    :raises InputError: if a size is not smaller than the model's.
    """

    def __init__(self, model: SentenceTransformer, loss: DualViewLoss, dims: Sequence[int]) -> None:
        full = int(model.get_embedding_dimension() or 0)
        if not all(0 < dim < full for dim in dims):
            raise InputError(f"matryoshka_dims are {list(dims)}; each must be between 1 and {full - 1}")
        inner = loss if uses_gradient_cache(loss) else _Summed(loss)
        super().__init__(model, inner, [full, *dims])
        self.inner = loss

    def get_config_dict(self) -> dict[str, Any]:
        """Return the arguments that reproduce this loss."""
        return self.inner.get_config_dict() | {"matryoshka_dims": list(self.matryoshka_dims)}

    @property
    def citation(self) -> str:
        """Return the BibTeX entries of the method and of the embedding sizes."""
        return f"{self.inner.citation.rstrip()}\n{super().citation}"


class _Summed(nn.Module):
    """Sum of a loss's components, as MatryoshkaLoss needs it."""

    def __init__(self, loss: DualViewLoss) -> None:
        super().__init__()
        self.model = loss.model
        self.loss = loss

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: BatchLabels) -> Tensor:
        return torch.stack(list(self.loss(sentence_features, labels).values())).sum()
