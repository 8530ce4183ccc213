"""A batch after encoding: unit vectors with their labels, of all processes where they are gathered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor
from torch.nn import functional

from dualview.trainer.losses.gathering import gather_rows, sum_over_processes
from dualview.trainer.losses.labels import BatchLabels


@dataclass(frozen=True)
class TermCounts:
    """Numbers of values that the terms are means of; each a scalar tensor of at least 1.

    :param instructed: instructed queries.
    :param neutral: bare queries.
    :param contested: see :meth:`~dualview.trainer.losses.labels.BatchLabels.count_contested`.
    :param documents: documents of this process's rows.
    :param kept: queries that are kept near the base model's vectors.
    :param composed: queries that are pulled to composed vectors.
    """

    instructed: Tensor
    neutral: Tensor
    contested: Tensor
    documents: Tensor
    kept: Tensor
    composed: Tensor

    def clamped(self, over_processes: bool) -> TermCounts:
        """Return the counts, at least 1 each, added up over the processes if asked."""
        names = [field.name for field in fields(self)]
        counts = torch.stack([getattr(self, name) for name in names])
        if over_processes:
            counts = sum_over_processes(counts)
        return TermCounts(**dict(zip(names, counts.clamp(min=1), strict=True)))


@dataclass(frozen=True)
class EmbeddedBatch:
    """Unit vectors and labels that the terms are computed from.

    :param anchors: (anchors, dim) of this process.
    :param documents: (documents, dim) of all processes where they are gathered.
    :param texts: (documents,) numbers below their count, equal where the texts are equal.
    :param first_document: place of this process's first document; its rows have ``own_documents``.
    :param queries: (texts, dim) by column, those of
        :meth:`~dualview.trainer.losses.weights.LossWeights.query_columns`.
    """

    anchors: Tensor
    documents: Tensor
    labels: BatchLabels
    texts: Tensor
    first_document: int
    own_documents: int
    queries: Mapping[str, Tensor]
    counts: TermCounts


def embedded_batch(
    anchors: Tensor,
    documents: Tensor,
    labels: BatchLabels,
    document_keys: Tensor,
    queries: Mapping[str, Tensor] | None = None,
    *,
    gather: bool = False,
) -> EmbeddedBatch:
    """Normalise the vectors, gather over processes where asked, and count the values of the terms.

    :param anchors: (anchors, dim).
    :param documents: (documents, dim), or wider: vectors made before the training come in full, also where a
        smaller size is trained.
    :param labels: from :class:`dualview.trainer.batches.collator.CandidateSetCollator`.
    :param document_keys: (documents,) integers, equal where the texts are equal.
    :param queries: (texts, dim) by column, see :class:`EmbeddedBatch`.
    :param gather: join in the documents of the other processes.
    """
    labels = labels.to(anchors.device)
    queries = queries or {}
    own_documents = len(documents) - labels.added_documents

    def number(value: int) -> Tensor:
        # Unlike torch.tensor, torch.full makes no device wait.
        return torch.full((), value, device=anchors.device)

    counts = TermCounts(
        instructed=(~labels.neutral).sum(),
        neutral=labels.neutral.sum(),
        contested=labels.count_contested(),
        documents=number(own_documents),
        kept=number(len(queries.get("kept", ()))),
        composed=number(len(queries.get("composed", ()))),
    ).clamped(over_processes=gather)
    anchor_vectors = functional.normalize(anchors.float(), dim=-1)
    vectors = functional.normalize(documents[:, : anchors.shape[1]].float(), dim=-1)
    first_document, texts = 0, document_keys
    if gather:
        vectors, first_document = gather_rows(vectors)
        texts, _ = gather_rows(document_keys)
        labels = _gathered(labels)
    return EmbeddedBatch(
        anchors=anchor_vectors,
        documents=vectors,
        labels=labels,
        texts=dense_ids(texts),
        first_document=first_document,
        own_documents=own_documents,
        queries={name: functional.normalize(column.float(), dim=-1) for name, column in queries.items()},
        counts=counts,
    )


def dense_ids(keys: Tensor) -> Tensor:
    """Number keys from 0, equal keys alike: (keys,). ``unique`` makes the device wait for their count."""
    order = keys.argsort()
    ordered = keys[order]
    numbers = functional.pad((ordered[1:] != ordered[:-1]).cumsum(0), (1, 0))
    return torch.empty_like(numbers).scatter_(0, order, numbers)


def _gathered(labels: BatchLabels) -> BatchLabels:
    base = labels.base_document
    return replace(
        labels,
        document_group=gather_rows(labels.document_group)[0],
        base_document=None if base is None else gather_rows(base)[0],
    )
