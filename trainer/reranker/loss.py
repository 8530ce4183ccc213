"""Listwise loss of a reranker over all views of each candidate set in the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from sentence_transformers import CrossEncoder
from torch import Tensor, nn
from torch.nn import functional

from dualview.trainer.encoders.embedding import (
    BESIDES,
    chunk_size,
    chunks_by_length,
    inverse,
    select_texts,
    send,
    text_lengths,
)
from dualview.trainer.losses.labels import Relation
from dualview.trainer.losses.terms import info_nce, masked_sum
from dualview.trainer.reranker.lists import ListLabels

# Score of a pair that was not read: nothing beside any other. Infinity would make NaN of masked gradients.
_UNREAD = -1e4


class ListwiseLoss(nn.Module):
    """Softmax cross-entropy over each view's list, with both views of a set in the batch.

    A list has the passages of the candidate set and some of the corpus. The view's own passage is compared
    with those that its instruction rules out and with those of the corpus (ListNet's top-one form with one
    relevant passage, Cao et al. 2007). Passages without a label are left out.

    Relations:
        - ``ListNetLoss`` has one label for each passage of a list; this one leaves out those without a label,
          and weighs the set's own passages apart.
        - :class:`dualview.trainer.losses.dual_view.DualViewLoss` is the same for an encoder of queries and
          passages.

    :param model: the reranker; it gives one score a pair.
    :param weights: of the terms besides ``list``, which has 1: ``in_set`` (the list without the corpus),
        ``neutral`` (bare queries, for which all passages of the set are relevant), ``doc_to_query`` (a
        passage prefers its own view's query to those that rule it out) and ``pointwise`` (each pair by
        itself, the relevant and the other ones with equal weight, so that a score has a zero).
    :param chunk_tokens: tokens, padding included, of one forward pass; 0 chooses by device.
    """

    def __init__(self, model: CrossEncoder, weights: dict[str, float], chunk_tokens: int = 0) -> None:
        super().__init__()
        self.model = model
        self.weights = {"list": 1.0, **{name: weight for name, weight in weights.items() if weight}}
        self.chunk_tokens = chunk_tokens

    def forward(
        self,
        features: Sequence[dict[str, Any]],
        labels: ListLabels,
        prompt: str | None = None,
        task: str | None = None,
    ) -> dict[str, Tensor]:
        """Score the pairs and return the weighted components.

        :param features: the tokenised pairs, alone in a list.
        :param labels: from :class:`dualview.trainer.reranker.lists.ListCollator`.
        :param prompt: not used, as ``task``: the pairs are tokenised already.
        """
        (pairs,) = features
        return self.compute_loss_from_scores(score_pairs(self.model, pairs, self.chunk_tokens), labels)

    def compute_loss_from_scores(self, scores: Tensor, labels: ListLabels) -> dict[str, Tensor]:
        """Compute the components from scores: (pairs,)."""
        relation, neutral = labels.relation, labels.neutral
        relevant = relation == Relation.RELEVANT
        own = relation == Relation.NEGATIVE
        negative = own | (relation == Relation.OTHER_ROW)
        scored = scores.float()[labels.place].masked_fill(~(relevant | negative), _UNREAD)
        values = info_nce(scored, relevant, negative)
        instructed = (~neutral).sum().clamp(min=1)
        sums = {
            "list": masked_sum(values, ~neutral) / instructed,
            "neutral": masked_sum(values, neutral) / neutral.sum().clamp(min=1),
        }
        if "in_set" in self.weights:
            sums["in_set"] = masked_sum(info_nce(scored, relevant, own), ~neutral) / instructed
        if "doc_to_query" in self.weights:
            sums["doc_to_query"] = _doc_to_query(scored, relevant, own, labels)
        if "pointwise" in self.weights:
            sums["pointwise"] = _pointwise(scored, relevant, negative)
        return {name: weight * sums[name] for name, weight in self.weights.items()}

    def get_config_dict(self) -> dict[str, Any]:
        """Return the arguments that reproduce this loss (they are shown in the model card)."""
        return {f"{name}_weight": weight for name, weight in self.weights.items()}

    @property
    def citation(self) -> str:
        """Return the BibTeX entry of the listwise loss."""
        return """
@inproceedings{cao2007listnet,
    title={Learning to Rank: From Pairwise Approach to Listwise Approach},
    author={Cao, Zhe and Qin, Tao and Liu, Tie-Yan and Tsai, Ming-Feng and Li, Hang},
    booktitle={Proceedings of the 24th International Conference on Machine Learning},
    year={2007}
}
"""


def score_pairs(model: CrossEncoder, features: dict[str, Any], chunk_tokens: int = 0) -> Tensor:
    """Score tokenised pairs in chunks of similar length: (pairs,), in the order of the input.

    :param chunk_tokens: tokens, padding included, of one forward pass, at most; 0 chooses by device.
    """
    texts = {key: value for key, value in features.items() if key not in BESIDES}
    device = texts["attention_mask"].device
    order, chunks = chunks_by_length(text_lengths(features), chunk_size(device, chunk_tokens))
    scores = [
        model(select_texts(texts, send(chunk.rows, device), chunk.lengths[0]))["scores"].flatten()
        for chunk in chunks
    ]
    return torch.cat(scores)[send(inverse(order), device)]


def _doc_to_query(scores: Tensor, relevant: Tensor, own: Tensor, labels: ListLabels) -> Tensor:
    """Contrast the query that a passage is relevant to with those of its set that rule it out."""
    total, count = scores.sum() * 0, 0
    # Numbers of the rows are in order, so that each row's lists are neighbours.
    for number in range(len(labels.ids)):
        lists = (labels.row == number) & ~labels.neutral
        wanted = relevant[lists].T & own[lists].T.any(dim=1, keepdim=True)
        some = wanted.any(dim=1)
        values = info_nce(scores[lists].T[some], wanted[some], own[lists].T[some])
        total, count = total + values.sum(), count + len(values)
    return total / max(1, count)


def _pointwise(scores: Tensor, relevant: Tensor, negative: Tensor) -> Tensor:
    """Binary cross-entropy of each pair, averaged over the relevant and over the other pairs."""
    entropy = functional.binary_cross_entropy_with_logits(scores, relevant.float(), reduction="none")
    means = [masked_sum(entropy, mask) / mask.sum().clamp(min=1) for mask in (relevant, negative)]
    return (means[0] + means[1]) / 2
