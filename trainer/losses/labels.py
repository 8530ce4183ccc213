"""Who wants what in a batch: kept per row, and spread out over all documents only where it is needed.

A batch of thousands of candidate sets has more (anchor, document) pairs than fit in memory, and almost all of
them say the same: the document is another row's. So the labels of a batch hold the codes of each anchor's own
documents alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import torch
from torch import Tensor


class Relation(IntEnum):
    """What an anchor says of a document."""

    NO_DOCUMENT = -1
    OTHER_ROW = 0
    RELEVANT = 1
    NEGATIVE = 2
    UNLABELLED = 3


@dataclass
class BatchLabels:
    """The labels of a batch; a dictionary of the same names travels through the data loader.

    :param own: (anchors, width) codes of :class:`Relation` for the documents of the anchor's own row.
    :param own_place: (anchors, width) where those documents are in the batch.
    :param anchor_group: (anchors,) integers, equal for rows of the same query; ``document_group`` likewise.
        A document of another row with the same query is never a negative: it answers it, and nobody said
        whether it may.
    :param neutral: (anchors,) booleans: a bare query, for which all passages of its row are relevant.
    :param row: (anchors,) number of the row, in the order of the rows.
    :param base_anchor: (anchors, dim) what the base model makes of the bare queries, zero for other anchors,
        and ``base_document`` (documents, dim); empty where the loss does not keep the base's similarities.
    :param base_kept: (texts, dim) what it makes of the texts that are kept besides.
    """

    own: Tensor
    own_place: Tensor
    anchor_group: Tensor
    document_group: Tensor
    neutral: Tensor
    row: Tensor
    base_anchor: Tensor
    base_document: Tensor
    base_kept: Tensor

    @classmethod
    def of(cls, labels: dict[str, Any], device: torch.device) -> BatchLabels:
        """Take the tensors out of the dictionary; what else travels in it (ids) is left there."""
        return cls(**{name: labels[name].to(device) for name in cls.__dataclass_fields__})

    def dense(self, start: int, end: int, first_document: int = 0) -> Tensor:
        """Spread out the relations of some anchors: (end - start, documents).

        :param first_document: where this process's documents begin among all of ``document_group``.
        """
        same_query = self.anchor_group[start:end, None] == self.document_group[None, :]
        documents = same_query.shape[1]
        # One column more takes what stands for no document: nothing has to wait for a count of the others.
        relation = torch.full(
            (end - start, documents + 1), int(Relation.OTHER_ROW), dtype=torch.int8, device=self.own.device
        )
        relation[:, :documents].masked_fill_(same_query, int(Relation.UNLABELLED))
        own, place = self.own[start:end], self.own_place[start:end] + first_document
        relation.scatter_(1, place.masked_fill(own == Relation.NO_DOCUMENT, documents), own)
        return relation[:, :documents]

    def wanted_texts(self, start: int, end: int, texts: Tensor, first_document: int = 0) -> Tensor:
        """Say which documents are the same text as one that an anchor wants: (anchors, documents).

        :param texts: (documents,) numbers below their count, equal where the texts are equal.
        """
        relevant = self.own[start:end] == Relation.RELEVANT
        wanted = torch.zeros(end - start, len(texts) + 1, dtype=torch.bool, device=texts.device)
        # The places of padding are documents of some other row, and are not relevant.
        text = texts[self.own_place[start:end] + first_document].masked_fill(~relevant, len(texts))
        wanted.scatter_(1, text, True)
        return wanted[:, texts]

    def count_doc_to_query(self) -> Tensor:
        """Count the (document, anchor) pairs where the anchor wants the document and a sibling excludes it.

        Before other processes' documents are joined in.
        """
        instructed = ~self.neutral[:, None]
        excluded = torch.zeros(len(self.document_group), dtype=torch.bool, device=self.own.device)
        excluded[self.own_place[(self.own == Relation.NEGATIVE) & instructed]] = True
        return ((self.own == Relation.RELEVANT) & instructed & excluded[self.own_place]).sum()


def join_blocks(
    blocks: Sequence[Tensor], groups: Sequence[int], neutral: Sequence[bool]
) -> dict[str, Tensor]:
    """Make the labels of a batch from the relation matrix of each row.

    :param blocks: (anchors of the row, documents of the row) codes, one a row.
    :param groups: a number for each row's query.
    :param neutral: one boolean an anchor, over all rows.
    :raises ValueError: if an anchor has no relevant document.
    """
    if not all(bool((block == Relation.RELEVANT).any(dim=1).all()) for block in blocks):
        raise ValueError("every anchor needs a relevant document")
    width = max(block.shape[1] for block in blocks)
    own, place, row, first = [], [], [], 0
    for number, block in enumerate(blocks):
        anchors, documents = block.shape
        padding = (0, width - documents)
        own.append(torch.nn.functional.pad(block.to(torch.int8), padding, value=int(Relation.NO_DOCUMENT)))
        places = torch.arange(first, first + documents).expand(anchors, -1)
        place.append(torch.nn.functional.pad(places, padding))
        row.append(torch.full((anchors,), number))
        first += documents
    heights = torch.tensor([block.shape[0] for block in blocks])
    widths = torch.tensor([block.shape[1] for block in blocks])
    numbers = torch.tensor(groups, dtype=torch.int64)
    return {
        "own": torch.cat(own),
        "own_place": torch.cat(place),
        "anchor_group": numbers.repeat_interleave(heights),
        "document_group": numbers.repeat_interleave(widths),
        "neutral": torch.tensor(neutral, dtype=torch.bool),
        "row": torch.cat(row),
        "base_anchor": torch.empty(0),
        "base_document": torch.empty(0),
        "base_kept": torch.empty(0),
    }


def column_labels(anchors: int, columns: int) -> dict[str, Tensor]:
    """Label plain columns: anchor i wants document i of the first column, the rest of its row breaks it."""
    numbers = torch.arange(anchors)
    own = torch.full((anchors, columns), int(Relation.NEGATIVE), dtype=torch.int8)
    own[:, 0] = Relation.RELEVANT
    return {
        "own": own,
        "own_place": numbers[:, None] + anchors * torch.arange(columns)[None, :],
        "anchor_group": numbers,
        "document_group": numbers.repeat(columns),
        "neutral": torch.zeros(anchors, dtype=torch.bool),
        "row": numbers,
        "base_anchor": torch.empty(0),
        "base_document": torch.empty(0),
        "base_kept": torch.empty(0),
    }
