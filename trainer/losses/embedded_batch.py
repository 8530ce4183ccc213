"""A batch as the loss sees it: unit vectors with their labels, of all devices where they are gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from dualview.trainer.losses.gathering import gather_rows, sum_over_processes
from dualview.trainer.losses.labels import BatchLabels
from dualview.trainer.losses.terms import numbered


@dataclass
class Scene:
    """What the terms are computed from: unit vectors, labels, and by what each term is divided.

    :param anchors: (anchors, dim) of this process.
    :param documents: (documents, dim) of all processes where they are gathered.
    :param texts: (documents,) numbers below their count, equal where the texts are equal.
    :param first_document: where this process's documents begin; ``own_documents`` says how many it has.
    :param kept: (texts, dim) queries without an instruction, which stay where the base model has them.
    :param counts: how many values each term is the mean of.
    """

    anchors: Tensor
    documents: Tensor
    labels: BatchLabels
    texts: Tensor
    first_document: int
    own_documents: int
    kept: Tensor
    counts: dict[str, Tensor]


def make_scene(
    anchors: Tensor,
    documents: Tensor,
    labels: dict[str, Any],
    document_keys: Tensor,
    kept: Tensor | None = None,
    *,
    gather: bool = False,
) -> Scene:
    """Normalise, gather over devices where that is asked for, and count what the means are taken of.

    :param anchors: (anchors, dim).
    :param documents: (documents, dim), or wider: vectors that were made before the training come in full,
        also where a smaller size is trained.
    :param labels: made by :class:`dualview.trainer.batches.collator.CandidateSetCollator`.
    :param document_keys: (documents,) integers, equal where the texts are equal.
    :param kept: (texts, dim), where queries are kept.
    :param gather: take the documents of the other processes in.
    """
    known = BatchLabels.of(labels, anchors.device)
    kept = anchors[:0] if kept is None else kept
    own_documents = len(documents)
    counts = torch.stack(
        [
            (~known.neutral).sum(),
            known.neutral.sum(),
            known.count_doc_to_query(),
            # Unlike tensors of these numbers, this waits for nothing.
            *(torch.full((), number, device=anchors.device) for number in (own_documents, len(kept))),
        ]
    )
    scene = Scene(
        anchors=functional.normalize(anchors.float(), dim=-1),
        documents=functional.normalize(documents[:, : anchors.shape[1]].float(), dim=-1),
        labels=known,
        texts=document_keys,
        first_document=0,
        own_documents=own_documents,
        kept=functional.normalize(kept.float(), dim=-1),
        counts={},
    )
    if gather:
        counts = sum_over_processes(counts)
        scene.documents, scene.first_document = gather_rows(scene.documents)
        scene.texts, _ = gather_rows(document_keys)
        known.document_group, _ = gather_rows(known.document_group)
        known.base_document, _ = gather_rows(known.base_document)
    scene.texts = numbered(scene.texts)
    instructed, neutral, pairs, all_documents, all_kept = counts.clamp(min=1)
    scene.counts = {
        "query_to_doc": instructed,
        "in_set": instructed,
        "neutral": neutral,
        "doc_to_query": pairs,
        "keep": neutral,
        "keep_documents": all_documents,
        "keep_queries": all_kept,
    }
    return scene
