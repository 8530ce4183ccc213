"""Sparse relevance labels of a batch.

A batch of thousands of candidate sets has more (anchor, document) pairs than fit in memory, and almost all of
them have the same label: the document belongs to another row. So the labels hold the relations of each anchor
to the documents of its own row alone, and are made dense for a few anchors at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad


class Relation(IntEnum):
    """Relation of an anchor to a document."""

    NO_DOCUMENT = -1
    OTHER_ROW = 0
    RELEVANT = 1
    NEGATIVE = 2
    UNLABELLED = 3


@dataclass(frozen=True)
class BatchLabels:
    """Labels of a batch; they travel through the data loader with it.

    :param own: (anchors, width) values of :class:`Relation` for the documents of the anchor's own row.
    :param own_place: (anchors, width) places of those documents in the batch.
    :param anchor_group: (anchors,) integers, equal for rows of the same query; ``document_group`` likewise.
        A document of another row of the same query is never a negative: it has no label for this anchor.
    :param neutral: (anchors,) booleans: a bare query, for which all passages of its row are relevant.
    :param row: (anchors,) number of the row, in the order of the rows.
    :param base_anchor: (anchors, dim) the base model's vectors of the bare queries, zero for other anchors;
        ``base_document`` (documents, dim) those of the documents. None where the loss needs neither.
    :param base_kept: (texts, dim) the base model's vectors of the queries that are kept.
    :param base_composed: (texts, dim) vectors composed of the base model's, see
        :mod:`dualview.trainer.batches.compositions`.
    :param added_documents: number of documents at the end that belong to no row of the batch.
    :param ids: query ids of the rows, for messages.
    """

    own: Tensor
    own_place: Tensor
    anchor_group: Tensor
    document_group: Tensor
    neutral: Tensor
    row: Tensor
    base_anchor: Tensor | None = None
    base_document: Tensor | None = None
    base_kept: Tensor | None = None
    base_composed: Tensor | None = None
    added_documents: int = 0
    ids: tuple[str, ...] = ()

    def to(self, device: torch.device | str, non_blocking: bool = False) -> BatchLabels:
        """Return the labels on a device. accelerate calls this for each batch."""
        return self._mapped(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> BatchLabels:
        """Return the labels in pinned memory. PyTorch's data loader calls this before a copy to a GPU."""
        return self._mapped(Tensor.pin_memory)

    def dense(self, start: int, end: int, first_document: int = 0) -> Tensor:
        """Return the relations of some anchors to all documents: (end - start, documents).

        :param first_document: place of this process's first document among all of ``document_group``.
        """
        same_query = self.anchor_group[start:end, None] == self.document_group[None, :]
        documents = same_query.shape[1]
        # One more column takes the padding: so nothing waits for a count of the other values.
        relation = torch.full(
            (end - start, documents + 1), int(Relation.OTHER_ROW), dtype=torch.int8, device=self.own.device
        )
        relation[:, :documents].masked_fill_(same_query, int(Relation.UNLABELLED))
        own, place = self.own[start:end], self.own_place[start:end] + first_document
        relation.scatter_(1, place.masked_fill(own == Relation.NO_DOCUMENT, documents), own)
        return relation[:, :documents]

    def relevant_texts(self, start: int, end: int, texts: Tensor, first_document: int = 0) -> Tensor:
        """Mark the documents with the same text as one that an anchor finds relevant: (anchors, documents).

        :param texts: (documents,) numbers below their count, equal where the texts are equal.
        """
        relevant = self.own[start:end] == Relation.RELEVANT
        wanted = torch.zeros(end - start, len(texts) + 1, dtype=torch.bool, device=texts.device)
        # Padding has the place of another row's document, and is not relevant.
        text = texts[self.own_place[start:end] + first_document].masked_fill(~relevant, len(texts))
        wanted.scatter_(1, text, True)
        return wanted[:, texts]

    def count_contested(self) -> Tensor:
        """Count the pairs of a relevant document and its anchor where a sibling anchor excludes the document.

        These are the values of the term ``doc_to_query``, before other processes' documents are joined in.
        """
        instructed = ~self.neutral[:, None]
        excluded = torch.zeros(len(self.document_group), dtype=torch.bool, device=self.own.device)
        excluded[self.own_place[(self.own == Relation.NEGATIVE) & instructed]] = True
        return ((self.own == Relation.RELEVANT) & instructed & excluded[self.own_place]).sum()

    def _mapped(self, change: Callable[[Tensor], Tensor]) -> BatchLabels:
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        values.update({name: change(v) for name, v in values.items() if isinstance(v, Tensor)})
        return BatchLabels(**values)


def join_blocks(
    blocks: Sequence[Tensor],
    groups: Sequence[int],
    neutral: Sequence[bool],
    *,
    ids: Sequence[str] = (),
    base_anchor: Tensor | None = None,
    base_document: Tensor | None = None,
    base_kept: Tensor | None = None,
    base_composed: Tensor | None = None,
    added_groups: Tensor | None = None,
) -> BatchLabels:
    """Make the labels of a batch from the relations within each row.

    :param blocks: (anchors of the row, documents of the row) values of :class:`Relation`, one block a row.
    :param groups: a number for each row's query.
    :param neutral: one boolean an anchor, over all rows.
    :param added_groups: (documents,) groups of documents that belong to no row and come after the others.
    :raises ValueError: if an anchor has no relevant document.
    """
    if not all(bool((block == Relation.RELEVANT).any(dim=1).all()) for block in blocks):
        raise ValueError("every anchor needs a relevant document")
    width = max(block.shape[1] for block in blocks)
    own, place, row, first = [], [], [], 0
    for number, block in enumerate(blocks):
        anchors, documents = block.shape
        padding = (0, width - documents)
        own.append(pad(block.to(torch.int8), padding, value=int(Relation.NO_DOCUMENT)))
        place.append(pad(torch.arange(first, first + documents).expand(anchors, -1), padding))
        row.append(torch.full((anchors,), number))
        first += documents
    heights = torch.tensor([block.shape[0] for block in blocks])
    widths = torch.tensor([block.shape[1] for block in blocks])
    numbers = torch.tensor(groups, dtype=torch.int64)
    document_group = numbers.repeat_interleave(widths)
    return BatchLabels(
        own=torch.cat(own),
        own_place=torch.cat(place),
        anchor_group=numbers.repeat_interleave(heights),
        document_group=document_group if added_groups is None else torch.cat([document_group, added_groups]),
        neutral=torch.tensor(neutral, dtype=torch.bool),
        row=torch.cat(row),
        base_anchor=base_anchor,
        base_document=base_document,
        base_kept=base_kept,
        base_composed=base_composed,
        added_documents=0 if added_groups is None else len(added_groups),
        ids=tuple(ids),
    )


def column_labels(anchors: int, columns: int) -> BatchLabels:
    """Label plain columns: for anchor i, document i of the first column is relevant, those of others are not.

    :param columns: columns of documents: positive, negative 1, negative 2, …
    """
    numbers = torch.arange(anchors)
    own = torch.full((anchors, columns), int(Relation.NEGATIVE), dtype=torch.int8)
    own[:, 0] = Relation.RELEVANT
    return BatchLabels(
        own=own,
        own_place=numbers[:, None] + anchors * torch.arange(columns)[None, :],
        anchor_group=numbers,
        document_group=numbers.repeat(columns),
        neutral=torch.zeros(anchors, dtype=torch.bool),
        row=numbers,
    )


def text_number(text: str) -> int:
    """Hash a query or a text to a signed number of 64 bits, the same in every process."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], signed=True)
