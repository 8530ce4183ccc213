"""DualViewLoss: InfoNCE over all views of a candidate set at once.

Design choices:

- A row is one candidate set. Its documents are encoded once, however many anchors (instructed queries and
  the bare query) are asked about them.
- Which anchor wants which document is data, not position: a relation matrix (``trainer.collator``) says of
  every anchor and every document of its own row whether it is relevant, a negative, or not labelled.
- Documents of other rows are in-batch negatives, unless they are the same text as one of the anchor's
  relevant documents: those are masked, since calling a relevant text a negative teaches the opposite.
- Every term is a named component, so that the training log shows them apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from torch.nn import functional

from trainer.embedding import embed, text_keys


class Relation(IntEnum):
    """What an anchor says of a document; the codes of the relation matrix."""

    OTHER_ROW = 0
    RELEVANT = 1
    NEGATIVE = 2
    UNLABELLED = 3


class DualViewLoss(nn.Module):
    """Contrastive loss over all views of each candidate set in the batch.

    Relations:
        - With one anchor a row, one relevant document and no options it is
          ``MultipleNegativesRankingLoss`` (``directions=("query_to_doc",)``) with masking of equal texts.
        - ``MultipleNegativesRankingLoss`` on the two views written as two triplets would count an anchor's own
          positive among its negatives (it is the sibling row's negative) and encode each document twice.

    :param model: the encoder; its embeddings are compared by cosine.
    :param temperature: the softmax temperature; similarities are divided by it.
    :param in_batch_negatives: whether documents of other rows are negatives too.
    :param doc_to_query_weight: weight of the document → instructed query term; 0 switches it off.
    :param neutral_weight: weight of the neutral views' term; 0 switches it off.
    :param keep_weight: weight of the term that keeps the base model's bare-query similarities; 0 switches it
        off, and otherwise the labels must carry ``base_similarity``.
    :raises ValueError: if the temperature is not positive or a weight is negative.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        temperature: float = 0.02,
        *,
        in_batch_negatives: bool = True,
        doc_to_query_weight: float = 0.0,
        neutral_weight: float = 1.0,
        keep_weight: float = 0.0,
    ) -> None:
        super().__init__()
        if not temperature > 0:
            raise ValueError(f"temperature must be positive, got {temperature}")
        for name, weight in (
            ("doc_to_query_weight", doc_to_query_weight),
            ("neutral_weight", neutral_weight),
            ("keep_weight", keep_weight),
        ):
            if weight < 0:
                raise ValueError(f"{name} must not be negative, got {weight}")
        self.model = model
        self.temperature = temperature
        self.in_batch_negatives = in_batch_negatives
        self.doc_to_query_weight = doc_to_query_weight
        self.neutral_weight = neutral_weight
        self.keep_weight = keep_weight

    def forward(
        self, sentence_features: Iterable[dict[str, Tensor]], labels: dict[str, Tensor] | None = None
    ) -> dict[str, Tensor]:
        """Encode anchors and documents once each and return the weighted components.

        :param sentence_features: tokenised anchors, then tokenised documents. Without ``labels`` the columns
            are those of plain sentence-transformers: anchor, positive, negative 1, … negative n.
        :param labels: ``relation`` (anchors, documents) of :class:`Relation` codes and ``neutral`` (anchors,)
            booleans; made by :class:`trainer.collator.CandidateSetCollator`.
        """
        features = list(sentence_features)
        embeddings = [embed(self.model, column) for column in features]
        keys = torch.cat([text_keys(column) for column in features[1:]])
        documents = torch.cat(embeddings[1:])
        if labels is None:
            labels = column_labels(anchors=len(embeddings[0]), columns=len(embeddings) - 1)
        return self.compute_loss_from_embeddings(embeddings[0], documents, labels, keys)

    def compute_loss_from_embeddings(
        self, anchors: Tensor, documents: Tensor, labels: dict[str, Tensor], document_keys: Tensor
    ) -> dict[str, Tensor]:
        """Compute the components from embeddings.

        :param anchors: (anchors, dim).
        :param documents: (documents, dim).
        :param labels: see :meth:`forward`.
        :param document_keys: (documents,) integers, equal where the texts are equal.
        :raises ValueError: if an anchor has no relevant document.
        """
        relation = labels["relation"].to(anchors.device)
        neutral = labels["neutral"].to(anchors.device)
        similarity = functional.normalize(anchors, dim=-1) @ functional.normalize(documents, dim=-1).T
        scores = similarity / self.temperature
        relevant = relation == Relation.RELEVANT
        if not bool(relevant.any(dim=1).all()):
            raise ValueError("every anchor needs a relevant document; check the relation matrix of the batch")
        negative = self._negatives(relation, relevant, document_keys)

        per_anchor = _query_to_doc(scores, relevant, negative)
        components = {"query_to_doc": _mean(per_anchor[~neutral])}
        if self.neutral_weight:
            components["neutral"] = self.neutral_weight * _mean(per_anchor[neutral])
        if self.doc_to_query_weight:
            components["doc_to_query"] = self.doc_to_query_weight * _doc_to_query(scores, relation, neutral)
        if self.keep_weight:
            components["keep"] = self.keep_weight * _keep(
                similarity[neutral], labels["base_similarity"].to(anchors.device), self.temperature
            )
        return components

    def _negatives(self, relation: Tensor, relevant: Tensor, document_keys: Tensor) -> Tensor:
        """Say which documents count against each anchor: (anchors, documents) booleans."""
        negative = relation == Relation.NEGATIVE
        if self.in_batch_negatives:
            negative = negative | (relation == Relation.OTHER_ROW)
        same_text = (document_keys[:, None] == document_keys[None, :]).to(torch.float32)
        equals_a_relevant_one = (relevant.to(torch.float32) @ same_text) > 0
        return negative & ~equals_a_relevant_one

    def get_config_dict(self) -> dict[str, Any]:
        """Return the arguments that reproduce this loss (they land in the model card)."""
        return {
            "temperature": self.temperature,
            "in_batch_negatives": self.in_batch_negatives,
            "doc_to_query_weight": self.doc_to_query_weight,
            "neutral_weight": self.neutral_weight,
            "keep_weight": self.keep_weight,
        }

    @property
    def citation(self) -> str:
        """Return the BibTeX entry of the method."""
        return """
@misc{zeng2026dualview,
    title={Dual-View Training for Instruction-Following Information Retrieval},
    author={Zeng and Yu and Mehta and Zhao and Samdani},
    year={2026},
    eprint={2604.18845},
    archivePrefix={arXiv},
    url={https://arxiv.org/abs/2604.18845},
}
"""


def column_labels(anchors: int, columns: int) -> dict[str, Tensor]:
    """Label plain columns: anchor i wants document i of the first column, the rest of its row breaks it."""
    own = torch.eye(anchors, dtype=torch.long)
    blocks = [own * Relation.RELEVANT] + [own * Relation.NEGATIVE] * (columns - 1)
    return {"relation": torch.cat(blocks, dim=1), "neutral": torch.zeros(anchors, dtype=torch.bool)}


def _query_to_doc(scores: Tensor, relevant: Tensor, negative: Tensor) -> Tensor:
    """InfoNCE of each anchor, averaged over its relevant documents, none of which counts against another.

    :return: (anchors,)
    """
    against = scores.masked_fill(~negative, -torch.inf).logsumexp(dim=1, keepdim=True)
    each = torch.logaddexp(scores, against) - scores
    return (each * relevant).sum(dim=1) / relevant.sum(dim=1)


def _doc_to_query(scores: Tensor, relation: Tensor, neutral: Tensor) -> Tensor:
    """Let each document prefer the instructed queries that want it to their siblings that exclude it."""
    instructed = ~neutral[:, None]
    excludes = (relation == Relation.NEGATIVE) & instructed
    against = scores.masked_fill(~excludes, -torch.inf).logsumexp(dim=0, keepdim=True)
    wants = (relation == Relation.RELEVANT) & instructed & excludes.any(dim=0, keepdim=True)
    return _mean((torch.logaddexp(scores, against) - scores)[wants])


def _keep(similarity: Tensor, base_similarity: Tensor, temperature: float) -> Tensor:
    """Cross-entropy excess (KL divergence) of the bare queries' rankings against the base model's."""
    target = functional.log_softmax(base_similarity / temperature, dim=1)
    ours = functional.log_softmax(similarity / temperature, dim=1)
    return functional.kl_div(ours, target, log_target=True, reduction="batchmean")


def _mean(values: Tensor) -> Tensor:
    """Average, and 0 (with a graph) of nothing: a batch without neutral views has no neutral term."""
    return values.mean() if values.numel() else values.sum()
