"""Vectors of what is wanted without what is excluded: ``wanted - alpha * excluded``."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize

#: How much of what is excluded is subtracted. Over a whole corpus, more of it loses the topic.
DEFAULT_ALPHA = 0.2


def compose_vectors(
    wanted: Tensor, excluded: Tensor, alpha: float = DEFAULT_ALPHA, orthogonal: bool = False
) -> Tensor:
    """Subtract what is excluded from what is wanted: unit vectors, (rows, dim).

    :param wanted: (rows, dim) unit vectors.
    :param excluded: (rows, dim) unit vectors; a row of zeros leaves its wanted vector as it is.
    :param alpha: how much is subtracted; a negative one adds.
    :param orthogonal: subtract only the part of the excluded vector that is orthogonal to the wanted one, so
        that what both have in common stays.
    """
    if orthogonal:
        excluded = excluded - (excluded * wanted).sum(dim=1, keepdim=True) * wanted
    return normalize(wanted - alpha * excluded, dim=1)


def compose_instructed(
    wanted: Tensor, excluded: Tensor, wished: Tensor, alpha: float, emphasis: float
) -> Tensor:
    """Subtract what is excluded, then add what is wished for: unit vectors, (rows, dim).

    :param wanted: (rows, dim) unit vectors of query and wish in one text.
    :param excluded: (rows, dim) unit vectors, or zeros where nothing is excluded.
    :param wished: (rows, dim) unit vectors of the wish alone, or zeros where there is none.
    :param alpha: how much of what is excluded is subtracted.
    :param emphasis: how much of the wish is added.
    """
    return compose_vectors(compose_vectors(wanted, excluded, alpha), wished, -emphasis)


def sum_phrases(phrases: Tensor, rows: Tensor, count: int) -> Tensor:
    """Add up the vectors of each row's phrases and give the sums unit length: (count, dim).

    :param phrases: (phrases, dim) vectors.
    :param rows: (phrases,) the row that each phrase belongs to.
    :param count: how many rows there are; one without a phrase becomes zeros.
    """
    sums = torch.zeros(count, phrases.shape[1], dtype=phrases.dtype, device=phrases.device)
    return normalize(sums.index_add(0, rows, phrases), dim=1)
