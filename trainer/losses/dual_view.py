"""DualViewLoss: InfoNCE over all views of a candidate set at once.

Design choices:

- A row is one candidate set. Its documents are encoded once, for all of its anchors (instructed queries and
  the bare query).
- Relevance is data, not position: the labels (:mod:`dualview.trainer.losses.labels`) give the relation of
  every anchor to every document of its own row.
- Documents of other rows are in-batch negatives, unless their text is that of one of the anchor's relevant
  documents: those are masked, since calling a relevant text a negative teaches the opposite.
- Every term is a named component, so that the training log shows them apart.
- Similarities are computed in 32 bits whatever the encoder computes in: at a temperature of 0.02 the rounding
  of bfloat16 would move a score by 0.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.util.distributed import get_world_size
from torch import Tensor, nn

from dualview.cards.errors import InputError
from dualview.trainer.encoders.embedding import embed_columns, text_keys
from dualview.trainer.losses.embedded_batch import EmbeddedBatch, embedded_batch
from dualview.trainer.losses.labels import BatchLabels, column_labels
from dualview.trainer.losses.terms import TERMS, AnchorScores
from dualview.trainer.losses.weights import LossWeights
from dualview.trainer.option import Range

_TEMPERATURES = Range(0, above=True)


class DualViewLoss(nn.Module):
    """Contrastive loss over all views of each candidate set in the batch.

    Relations:
        - With one anchor a row, one relevant document and no options it is
          ``MultipleNegativesRankingLoss`` (``directions=("query_to_doc",)``) with masking of equal texts.
        - ``MultipleNegativesRankingLoss`` on the two views written as two triplets would count an anchor's
          own positive among its negatives (it is the sibling row's negative) and encode each document twice.
        - :class:`dualview.trainer.losses.cached.CachedDualViewLoss` gives the same in constant memory.

    Example::

        rows = load_candidate_sets("runs/quickstart/dataset")
        loss = DualViewLoss(model, weights=LossWeights(in_set_weight=1.0))
        SentenceTransformerTrainer(
            model=model, train_dataset=rows, loss=loss, data_collator=make_collator(model)
        ).train()

    :param model: the encoder; its embeddings are compared by cosine.
    :param temperature: the softmax temperature; similarities are divided by it.
    :param weights: weights of the terms, see :class:`dualview.trainer.losses.weights.LossWeights`.

        - ``in_set_weight``: against a whole batch most of the gradient keeps topics apart, which the base
          model can already; this term, over the anchor's own set alone, is about the instruction.
        - ``keep_weight`` and ``keep_documents_weight`` need the base model's embeddings in the labels. With
          the documents kept, the instructed queries must learn, which no other search uses.
        - ``keep_queries_weight`` and ``compose_weight`` need them too, and a column of queries each.
    :param in_batch_negatives: whether documents of other rows are negatives too.
    :param gather_across_devices: whether the documents of the other processes are, too; the loss is then
        that of one process with the joined batch.
    :param chunk_tokens: tokens, padding included, of one forward pass; 0 chooses by device.
    :param named_weights: weights by name, instead of ``weights`` or on top of them: ``neutral_weight=0.5``.
    :raises InputError: if the temperature is not positive, or a weight is wrong.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        temperature: float = 0.02,
        *,
        weights: LossWeights | None = None,
        in_batch_negatives: bool = True,
        gather_across_devices: bool = False,
        chunk_tokens: int = 0,
        **named_weights: float,
    ) -> None:
        super().__init__()
        if temperature not in _TEMPERATURES:
            raise InputError(f"temperature is {temperature:g}; it must be {_TEMPERATURES}")
        self.weights = (weights or LossWeights()).changed(**named_weights)
        self.model = model
        self.temperature = temperature
        self.in_batch_negatives = in_batch_negatives
        self.gather_across_devices = gather_across_devices
        self.chunk_tokens = chunk_tokens

    def forward(
        self, sentence_features: Iterable[dict[str, Tensor]], labels: BatchLabels | None = None
    ) -> dict[str, Tensor]:
        """Encode anchors and documents once each and return the weighted components.

        :param sentence_features: tokenised anchors, then documents, tokenised or encoded (a
            ``sentence_embedding`` with a ``text_key``), then the columns of
            :meth:`~dualview.trainer.losses.weights.LossWeights.query_columns`. Without ``labels`` the columns
            are those of plain sentence-transformers: anchor, positive, negative 1, …
        :param labels: from :class:`dualview.trainer.batches.collator.CandidateSetCollator`.
        :raises InputError: if the columns or labels are not those of that collator.
        """
        features = list(sentence_features)
        names = self.weights.query_columns()
        check_batch(features, labels, names)
        end = len(features) - len(names)
        keys = torch.cat([text_keys(column) for column in features[1:end]])
        vectors = embed_columns(self.model, features, self.chunk_tokens)
        if labels is None:
            labels = column_labels(anchors=len(vectors[0]), columns=end - 1)
        queries = dict(zip(names, vectors[end:], strict=True))
        return self.compute_loss_from_embeddings(
            vectors[0], join_documents(vectors[1:end]), labels, keys, queries
        )

    def compute_loss_from_embeddings(
        self,
        anchors: Tensor,
        documents: Tensor,
        labels: BatchLabels,
        document_keys: Tensor,
        queries: Mapping[str, Tensor] | None = None,
    ) -> dict[str, Tensor]:
        """Compute the components from embeddings.

        :param anchors: (anchors, dim).
        :param documents: (documents, dim).
        :param labels: see :meth:`forward`.
        :param document_keys: (documents,) integers, equal where the texts are equal.
        :param queries: (texts, dim) by column, those of
            :meth:`~dualview.trainer.losses.weights.LossWeights.query_columns`.
        """
        gather = self.gather_across_devices
        batch = embedded_batch(anchors, documents, labels, document_keys, queries, gather=gather)
        return self.components(batch, 0, len(anchors))

    def components(self, batch: EmbeddedBatch, start: int, end: int) -> dict[str, Tensor]:
        """Compute what some anchors contribute to each weighted component; all together give the loss.

        :param start: an anchor at which a row begins; ``end`` likewise, or the number of anchors.
        """
        part = AnchorScores(batch, start, end, self.temperature, self.in_batch_negatives)
        # Gradients are averaged over processes, but a gathered mean is divided by all their anchors already.
        factor = get_world_size() if self.gather_across_devices else 1
        found: dict[str, Tensor] = {}
        for name, weight in self.weights.active().items():
            term = TERMS[name]
            if start == 0 or not term.once:
                found[name] = weight * factor * term.value(part) / getattr(batch.counts, term.count)
        return found

    def get_config_dict(self) -> dict[str, Any]:
        """Return the arguments that reproduce this loss (they are shown in the model card)."""
        return {
            "temperature": self.temperature,
            "in_batch_negatives": self.in_batch_negatives,
            "gather_across_devices": self.gather_across_devices,
            **self.weights.as_dict(),
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


def join_documents(columns: Sequence[Tensor]) -> Tensor:
    """Join columns of documents: (documents, dim).

    Vectors made before the training come in full, also where a smaller size is trained, and are cut.
    """
    width = min(column.shape[1] for column in columns)
    return torch.cat([column[:, :width].float() for column in columns])


def check_batch(features: Sequence[dict[str, Any]], labels: object, queries: Sequence[str]) -> None:
    """Check that a batch has the columns and labels that the loss reads.

    :param queries: names of the columns of queries that it must have besides its anchors.
    :raises InputError: naming the collator that makes them.
    """
    remedy = "give the trainer data_collator=dualview.make_collator(model, …)"
    if labels is not None and not isinstance(labels, BatchLabels):
        raise InputError(
            f"DualViewLoss needs labels of candidate sets, not a {type(labels).__name__}; {remedy}, or leave "
            "out the label column"
        )
    if queries and (labels is None or len(features) < 2 + len(queries)):
        weights = {"kept": "keep_queries_weight", "composed": "compose_weight"}
        needing = " and ".join(weights[name] for name in queries)
        raise InputError(f"{needing} needs a column of queries; {remedy} with base=")
    if len(features) < 2:
        raise InputError(f"DualViewLoss needs a column of anchors and one of documents; {remedy}")
