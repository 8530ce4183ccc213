"""The terms of the loss: what anchors and documents with their similarities contribute, summed."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from dualview.trainer.losses.labels import Relation


def query_to_doc(scores: Tensor, relevant: Tensor, negative: Tensor) -> Tensor:
    """InfoNCE of each anchor, averaged over its relevant documents, none of which counts against another.

    :return: (anchors,)
    """
    against = scores.masked_fill(~negative, -torch.inf).logsumexp(dim=1, keepdim=True)
    each = torch.logaddexp(scores, against) - scores
    return each.masked_fill(~relevant, 0.0).sum(dim=1) / relevant.sum(dim=1)


def doc_to_query(scores: Tensor, relation: Tensor, neutral: Tensor) -> Tensor:
    """Let each document prefer the instructed queries that want it to those that exclude it; summed."""
    instructed = ~neutral[:, None]
    excludes = (relation == Relation.NEGATIVE) & instructed
    against = scores.masked_fill(~excludes, -torch.inf).logsumexp(dim=0, keepdim=True)
    wants = (relation == Relation.RELEVANT) & instructed & excludes.any(dim=0, keepdim=True)
    return total_of(torch.logaddexp(scores, against) - scores, wants)


def ranking_change(scores: Tensor, base_scores: Tensor) -> Tensor:
    """KL divergence of each anchor's ranking of the documents from the base model's.

    :param scores: (anchors, documents), divided by the temperature; ``base_scores`` likewise.
    :return: (anchors,)
    """
    target = functional.log_softmax(base_scores, dim=1)
    ours = functional.log_softmax(scores, dim=1)
    return functional.kl_div(ours, target, log_target=True, reduction="none").sum(dim=1)


def moved(vectors: Tensor, base: Tensor) -> Tensor:
    """Cosine distance of unit vectors from where the base model has them, cut to the same size.

    :return: (texts,)
    """
    base = functional.normalize(base[:, : vectors.shape[1]], dim=1)
    return 1 - (vectors * base).sum(dim=1)


def total_of(values: Tensor, chosen: Tensor) -> Tensor:
    """Add up the chosen values; unlike taking them out first, this makes nothing wait for their number."""
    return values.masked_fill(~chosen, 0.0).sum()


def numbered(keys: Tensor) -> Tensor:
    """Number keys from 0, equal ones alike; ``unique`` does too, but makes all wait for their count."""
    order = keys.argsort()
    ordered = keys[order]
    numbers = functional.pad((ordered[1:] != ordered[:-1]).cumsum(0), (1, 0))
    return torch.empty_like(numbers).scatter_(0, order, numbers)
