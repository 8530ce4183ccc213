"""Terms of the loss: one function each, over the scores of some anchors of a batch.

A term's function returns the sum of its values; :data:`TERMS` names the count that the sum is divided by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional

from dualview.cards.errors import InputError
from dualview.trainer.losses.embedded_batch import EmbeddedBatch
from dualview.trainer.losses.labels import Relation


@dataclass(frozen=True)
class AnchorScores:
    """Scores of the anchors ``start`` to ``end`` of a batch with all of its documents.

    :param temperature: similarities are divided by it.
    :param in_batch_negatives: whether documents of other rows are negatives too.
    """

    batch: EmbeddedBatch
    start: int
    end: int
    temperature: float
    in_batch_negatives: bool

    @cached_property
    def scores(self) -> Tensor:
        """Similarities divided by the temperature: (anchors, documents)."""
        anchors = self.batch.anchors
        # In 32 bits, see dual_view.py.
        with torch.autocast(anchors.device.type, enabled=False):
            similarity = anchors[self.start : self.end] @ self.batch.documents.T
        return similarity / self.temperature

    @cached_property
    def relation(self) -> Tensor:
        """Relations as :class:`Relation`: (anchors, documents)."""
        return self.batch.labels.dense(self.start, self.end, self.batch.first_document)

    @cached_property
    def relevant(self) -> Tensor:
        """Relevant documents: (anchors, documents) booleans."""
        return self.relation == Relation.RELEVANT

    @cached_property
    def negative(self) -> Tensor:
        """Documents that are negatives: (anchors, documents) booleans."""
        batch = self.batch
        negative = self.relation == Relation.NEGATIVE
        if self.in_batch_negatives:
            negative = negative | (self.relation == Relation.OTHER_ROW)
        return negative & ~batch.labels.relevant_texts(
            self.start, self.end, batch.texts, batch.first_document
        )

    @cached_property
    def neutral(self) -> Tensor:
        """Anchors that are bare queries: (anchors,) booleans."""
        return self.batch.labels.neutral[self.start : self.end]

    @cached_property
    def contrast(self) -> Tensor:
        """Values of :func:`info_nce` over the whole batch: (anchors,)."""
        return info_nce(self.scores, self.relevant, self.negative)


def query_to_doc(part: AnchorScores) -> Tensor:
    """Contrast each instructed query's relevant documents with all negatives."""
    return masked_sum(part.contrast, ~part.neutral)


def in_set(part: AnchorScores) -> Tensor:
    """Contrast each instructed query's relevant documents with the negatives of its own row."""
    own = part.negative & (part.relation == Relation.NEGATIVE)
    return masked_sum(info_nce(part.scores, part.relevant, own), ~part.neutral)


def neutral(part: AnchorScores) -> Tensor:
    """Contrast each bare query's relevant documents with all negatives."""
    return masked_sum(part.contrast, part.neutral)


def doc_to_query(part: AnchorScores) -> Tensor:
    """Contrast the instructed queries a document is relevant to with those that exclude it."""
    instructed = ~part.neutral[:, None]
    excludes = (part.relation == Relation.NEGATIVE) & instructed
    against = part.scores.masked_fill(~excludes, -torch.inf).logsumexp(dim=0, keepdim=True)
    contested = part.relevant & instructed & excludes.any(dim=0, keepdim=True)
    return masked_sum(torch.logaddexp(part.scores, against) - part.scores, contested)


def keep(part: AnchorScores) -> Tensor:
    """Measure how far bare queries' rankings are from the base model's, as KL divergence."""
    labels = part.batch.labels
    anchors = _base(labels.base_anchor, "keep_weight")[part.start : part.end].float()
    base = anchors @ _base(labels.base_document, "keep_weight").float().T
    return masked_sum(ranking_divergence(part.scores, base / part.temperature), part.neutral)


def keep_documents(part: AnchorScores) -> Tensor:
    """Measure how far the documents are from the base model's vectors of them."""
    batch = part.batch
    own = slice(batch.first_document, batch.first_document + batch.own_documents)
    base = _base(batch.labels.base_document, "keep_documents_weight")[own].float()
    return cosine_drift(batch.documents[own], base).sum()


def keep_queries(part: AnchorScores) -> Tensor:
    """Measure how far the kept queries are from the base model's vectors of them."""
    base = _base(part.batch.labels.base_kept, "keep_queries_weight").float()
    return cosine_drift(part.batch.queries["kept"], base).sum()


def compose(part: AnchorScores) -> Tensor:
    """Measure how far queries with phrases are from the vectors that the base model's vectors compose."""
    composed = _base(part.batch.labels.base_composed, "compose_weight").float()
    return cosine_drift(part.batch.queries["composed"], composed).sum()


@dataclass(frozen=True)
class Term:
    """Term of the loss.

    :param value: its sum over some anchors.
    :param count: field of :class:`~dualview.trainer.losses.embedded_batch.TermCounts` that the sum is
        divided by.
    :param once: whether it is a sum over the batch rather than over anchors: it is computed once, however
        the anchors are cut into parts.
    """

    value: Callable[[AnchorScores], Tensor]
    count: str
    once: bool = False


#: Terms by name, that of the weight in :class:`~dualview.trainer.losses.weights.LossWeights`.
TERMS = {
    term.value.__name__: term
    for term in (
        Term(query_to_doc, "instructed"),
        Term(in_set, "instructed"),
        Term(neutral, "neutral"),
        Term(doc_to_query, "contested"),
        Term(keep, "neutral"),
        Term(keep_documents, "documents", once=True),
        Term(keep_queries, "kept", once=True),
        Term(compose, "composed", once=True),
    )
}


def info_nce(scores: Tensor, relevant: Tensor, negative: Tensor) -> Tensor:
    """InfoNCE (arXiv 1807.03748) of each anchor, averaged over its relevant documents.

    A relevant document is compared with the negatives alone, never with another relevant one.

    :param scores: (anchors, documents), divided by the temperature; ``relevant`` and ``negative`` likewise.
    :return: (anchors,)
    """
    against = scores.masked_fill(~negative, -torch.inf).logsumexp(dim=1, keepdim=True)
    each = torch.logaddexp(scores, against) - scores
    return each.masked_fill(~relevant, 0.0).sum(dim=1) / relevant.sum(dim=1)


def ranking_divergence(scores: Tensor, base_scores: Tensor) -> Tensor:
    """KL divergence of each anchor's distribution over the documents from the base model's.

    :param scores: (anchors, documents), divided by the temperature; ``base_scores`` likewise.
    :return: (anchors,)
    """
    target = functional.log_softmax(base_scores, dim=1)
    ours = functional.log_softmax(scores, dim=1)
    return functional.kl_div(ours, target, log_target=True, reduction="none").sum(dim=1)


def cosine_drift(vectors: Tensor, base: Tensor) -> Tensor:
    """Cosine distance of unit vectors from given ones, cut to the same size.

    :param vectors: (texts, dim); ``base`` may be wider.
    :return: (texts,)
    """
    base = functional.normalize(base[:, : vectors.shape[1]], dim=1)
    return 1 - (vectors * base).sum(dim=1)


def masked_sum(values: Tensor, mask: Tensor) -> Tensor:
    """Sum of the values where the mask is true; unlike indexing, this makes no device wait for a count."""
    return values.masked_fill(~mask, 0.0).sum()


def _base(vectors: Tensor | None, weight: str) -> Tensor:
    if vectors is None:
        raise InputError(
            f"{weight} needs the base model's embeddings in the labels; give the collator base=, made by "
            "dualview.trainer.batches.base_embeddings, or set the weight to 0"
        )
    return vectors
