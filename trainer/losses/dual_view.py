"""DualViewLoss: InfoNCE over all views of a candidate set at once.

Design choices:

- A row is one candidate set. Its documents are encoded once, however many anchors (instructed queries and
  the bare query) are asked about them.
- Which anchor wants which document is data, not position: the labels (``dualview.trainer.losses.labels``) say
  of every anchor and every document of its own row whether it is relevant, a negative, or not labelled.
- Documents of other rows are in-batch negatives, unless they are the same text as one of the anchor's
  relevant documents: those are masked, since calling a relevant text a negative teaches the opposite.
- Every term is a named component, so that the training log shows them apart.
- Similarities are computed in 32 bits whatever the encoder computes in: at a temperature of 0.02 the rounding
  of bfloat16 would move a score by 0.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.util.distributed import get_world_size
from torch import Tensor, nn

from dualview.trainer.encoders.embedding import embed, embed_columns, text_keys
from dualview.trainer.losses.embedded_batch import Scene, make_scene
from dualview.trainer.losses.labels import Relation, column_labels
from dualview.trainer.losses.terms import doc_to_query, moved, query_to_doc, ranking_change, total_of


class DualViewLoss(nn.Module):
    """Contrastive loss over all views of each candidate set in the batch.

    Relations:
        - With one anchor a row, one relevant document and no options it is
          ``MultipleNegativesRankingLoss`` (``directions=("query_to_doc",)``) with masking of equal texts.
        - ``MultipleNegativesRankingLoss`` on the two views written as two triplets would count an anchor's
          own positive among its negatives (it is the sibling row's negative) and encode each document twice.
        - :class:`dualview.trainer.losses.cached.CachedDualViewLoss` gives the same in constant memory.

    :param model: the encoder; its embeddings are compared by cosine.
    :param temperature: the softmax temperature; similarities are divided by it.
    :param in_batch_negatives: whether documents of other rows are negatives too.
    :param gather_across_devices: whether the documents of the other processes are, too; the loss is then
        that of one process with the joined batch.
    :param doc_to_query_weight: weight of the document → instructed query term; 0 switches it off.
    :param in_set_weight: weight of a second query → document term over the anchor's own set alone. Against a
        whole batch most of the gradient keeps topics apart, which the base model can already; this term is
        about the instruction and nothing else. 0 switches it off.
    :param neutral_weight: weight of the neutral views' term; 0 switches it off.
    :param keep_weight: weight of the term that keeps the base model's bare-query similarities; 0 switches
        it off, and otherwise the labels must carry the base model's embeddings.
    :param keep_documents_weight: weight of keeping the documents where the base model has them. What is
        learned must then be learned on the side of the instructed query, which no other search uses. 0
        switches it off; it needs the same labels.
    :param keep_queries_weight: weight of keeping queries without an instruction where the base model has
        them; 0 switches it off, and otherwise they are the last column and the labels carry their vectors.
    :param chunk_tokens: tokens, padding included, that one forward pass holds; 0 chooses by device.
    :raises ValueError: if the temperature is not positive or a weight is negative.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        temperature: float = 0.02,
        *,
        in_batch_negatives: bool = True,
        gather_across_devices: bool = False,
        in_set_weight: float = 0.0,
        doc_to_query_weight: float = 0.0,
        neutral_weight: float = 1.0,
        keep_weight: float = 0.0,
        keep_documents_weight: float = 0.0,
        keep_queries_weight: float = 0.0,
        chunk_tokens: int = 0,
    ) -> None:
        super().__init__()
        if not temperature > 0:
            raise ValueError(f"temperature must be positive, got {temperature}")
        self.weights = {
            "query_to_doc": 1.0,
            "in_set": in_set_weight,
            "neutral": neutral_weight,
            "doc_to_query": doc_to_query_weight,
            "keep": keep_weight,
            "keep_documents": keep_documents_weight,
            "keep_queries": keep_queries_weight,
        }
        for name, weight in self.weights.items():
            if weight < 0:
                raise ValueError(f"{name}_weight must not be negative, got {weight}")
        self.model = model
        self.temperature = temperature
        self.in_batch_negatives = in_batch_negatives
        self.gather_across_devices = gather_across_devices
        self.chunk_tokens = chunk_tokens

    def forward(
        self, sentence_features: Iterable[dict[str, Tensor]], labels: dict[str, Any] | None = None
    ) -> dict[str, Tensor]:
        """Encode anchors and documents once each and return the weighted components.

        :param sentence_features: tokenised anchors, then documents, tokenised or encoded (a
            ``sentence_embedding`` with a ``text_key``), then the queries to keep, where some are. Without
            ``labels`` the columns are those of plain sentence-transformers: anchor, positive, negative 1, …
        :param labels: made by :class:`dualview.trainer.batches.collator.CandidateSetCollator`.
        """
        features = list(sentence_features)
        kept = embed(self.model, features.pop(), self.chunk_tokens) if self.weights["keep_queries"] else None
        keys = torch.cat([text_keys(column) for column in features[1:]])
        embeddings = embed_columns(self.model, features, self.chunk_tokens)
        if labels is None:
            labels = column_labels(anchors=len(embeddings[0]), columns=len(embeddings) - 1)
        documents = torch.cat(embeddings[1:])
        return self.compute_loss_from_embeddings(embeddings[0], documents, labels, keys, kept)

    def compute_loss_from_embeddings(
        self,
        anchors: Tensor,
        documents: Tensor,
        labels: dict[str, Any],
        document_keys: Tensor,
        kept: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Compute the components from embeddings.

        :param anchors: (anchors, dim).
        :param documents: (documents, dim).
        :param labels: see :meth:`forward`.
        :param document_keys: (documents,) integers, equal where the texts are equal.
        :param kept: (texts, dim), where queries are kept.
        """
        scene = make_scene(anchors, documents, labels, document_keys, kept, gather=self.gather_across_devices)
        return self.components(scene, 0, len(anchors))

    def components(self, scene: Scene, start: int, end: int) -> dict[str, Tensor]:
        """Compute what some anchors contribute to each weighted component; all together give the loss.

        :param start: an anchor at which a row begins; ``end`` likewise, or the number of anchors.
        """
        with torch.autocast(scene.anchors.device.type, enabled=False):
            similarity = scene.anchors[start:end] @ scene.documents.T
        scores = similarity / self.temperature
        labels, neutral = scene.labels, scene.labels.neutral[start:end]
        relation = labels.dense(start, end, scene.first_document)
        relevant = relation == Relation.RELEVANT
        negative = relation == Relation.NEGATIVE
        if self.in_batch_negatives:
            negative = negative | (relation == Relation.OTHER_ROW)
        negative &= ~labels.wanted_texts(start, end, scene.texts, scene.first_document)
        per_anchor = query_to_doc(scores, relevant, negative)
        terms = {"query_to_doc": total_of(per_anchor, ~neutral)}
        if self.weights["in_set"]:
            own = negative & (relation == Relation.NEGATIVE)
            terms["in_set"] = total_of(query_to_doc(scores, relevant, own), ~neutral)
        if self.weights["neutral"]:
            terms["neutral"] = total_of(per_anchor, neutral)
        if self.weights["doc_to_query"]:
            terms["doc_to_query"] = doc_to_query(scores, relation, neutral)
        if self.weights["keep"]:
            base = self._base(labels.base_anchor)[start:end].float() @ labels.base_document.float().T
            change = ranking_change(scores, base / self.temperature)
            terms["keep"] = total_of(change, neutral)
        if self.weights["keep_documents"] and start == 0:  # once, however the anchors are cut into parts
            own_documents = slice(scene.first_document, scene.first_document + scene.own_documents)
            base = self._base(labels.base_document)[own_documents].float()
            terms["keep_documents"] = moved(scene.documents[own_documents], base).sum()
        if self.weights["keep_queries"] and start == 0:
            terms["keep_queries"] = moved(scene.kept, self._base(labels.base_kept).float()).sum()
        # Gradients are averaged over processes, but a gathered mean is divided by all their anchors already.
        factor = get_world_size() if self.gather_across_devices else 1
        return {name: self.weights[name] * factor * term / scene.counts[name] for name, term in terms.items()}

    def _base(self, embeddings: Tensor) -> Tensor:
        if not embeddings.numel():
            raise ValueError("what is kept needs the base model's embeddings in the labels; see the collator")
        return embeddings

    def get_config_dict(self) -> dict[str, Any]:
        """Return the arguments that reproduce this loss (they land in the model card)."""
        return {
            "temperature": self.temperature,
            "in_batch_negatives": self.in_batch_negatives,
            "gather_across_devices": self.gather_across_devices,
            **{f"{name}_weight": weight for name, weight in self.weights.items() if name != "query_to_doc"},
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
