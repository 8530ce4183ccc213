"""The cached form of the loss (GradCache, arXiv 2101.06983): batches of thousands of sets in constant memory.

No other file uses sentence-transformers' gradient cache, whose interface is not documented.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.losses.gradcache import CachedLossMixin
from torch import Tensor

from dualview.trainer.encoders.embedding import (
    chunk_size,
    chunks_by_length,
    inverse,
    is_encoded,
    select_texts,
    send,
    text_keys,
    text_lengths,
)
from dualview.trainer.losses.dual_view import DualViewLoss, check_batch, join_documents
from dualview.trainer.losses.embedded_batch import EmbeddedBatch, embedded_batch
from dualview.trainer.losses.labels import BatchLabels, column_labels

# Anchors whose scores with all documents are held at a time.
_ANCHORS = 512


@dataclass(frozen=True)
class _CachedLabels:
    """Labels of a batch on their way through the gradient cache.

    :param places: (texts,) a column: the place of each text among those that were sorted by length.
    :param keys: (documents,) integers, equal where the texts are equal.
    :param encoded: (documents, dim) columns of documents that were encoded before the training.
    """

    batch: BatchLabels
    places: tuple[Tensor, ...]
    keys: Tensor
    encoded: tuple[Tensor, ...]


class CachedDualViewLoss(CachedLossMixin, DualViewLoss):
    """The loss of :class:`~dualview.trainer.losses.dual_view.DualViewLoss` for batches larger than memory.

    Every text is encoded twice, a few at a time: first without gradients, then, once the loss is known, with
    them. Activations of one chunk and the score rows of a few hundred anchors are all that is held in memory.

    Relations:
        - Loss and gradients equal those of :class:`dualview.trainer.losses.dual_view.DualViewLoss`; a step
          takes a third longer.
        - Gradient checkpointing does the same inside the encoder and must be off.

    :param model: see :class:`dualview.trainer.losses.dual_view.DualViewLoss`, as for all other parameters.
    :param chunk_tokens: tokens of one forward pass; 0 chooses by device.
    """

    def __init__(self, model: SentenceTransformer, temperature: float = 0.02, **options: Any) -> None:  # noqa: ANN401 - those of DualViewLoss
        super().__init__(model, temperature, **options)
        self.mini_batch_size = 1  # not used: chunks go by tokens
        self._components: dict[str, Tensor] = {}

    def forward(
        self, sentence_features: Iterable[dict[str, Tensor]], labels: BatchLabels | None = None
    ) -> dict[str, Tensor]:
        """Return the weighted components.

        See :meth:`dualview.trainer.losses.dual_view.DualViewLoss.forward`.
        """
        features = list(sentence_features)
        names = self.weights.query_columns()
        check_batch(features, labels, names)
        end = len(features) - len(names)
        keys = torch.cat([text_keys(column) for column in features[1:end]])
        encoded = tuple(column["sentence_embedding"] for column in features if is_encoded(column))
        features = [column for column in features if not is_encoded(column)]
        self.mini_batch_num_tokens = chunk_size(
            features[0]["input_ids"].device, self.chunk_tokens, cached=True
        )
        ordered, places = zip(
            *(_by_length(column, self.mini_batch_num_tokens) for column in features), strict=True
        )
        if labels is None:
            labels = column_labels(anchors=len(places[0]), columns=end - 1)
        self._components = {}
        known: Any = _CachedLabels(labels, places, keys, encoded)
        total = self.forward_cached(ordered, known)
        # The total alone has gradients, so it takes the place of one of its parts.
        first, *others = self._components
        rest = {name: self._components[name] for name in others}
        return {first: total - sum(rest.values(), start=torch.zeros_like(total)), **rest}

    def calculate_loss(  # type: ignore[override]
        self, reps: list[list[Tensor]], labels: _CachedLabels, *, with_backward: bool = False
    ) -> Tensor:
        """Compute the loss from the embeddings of the chunks, some anchors at a time.

        :param reps: columns of chunks of (texts, dim).
        :param with_backward: whether to fill in the gradients of ``reps``.
        """
        columns = [torch.cat(chunks)[place] for chunks, place in zip(reps, labels.places, strict=True)]
        names = self.weights.query_columns()
        end = len(columns) - len(names)
        whole = embedded_batch(
            columns[0],
            join_documents([*columns[1:end], *labels.encoded]),
            labels.batch,
            labels.keys,
            dict(zip(names, columns[end:], strict=True)),
            gather=self.gather_across_devices,
        )

        def leaf(vectors: Tensor) -> Tensor:
            return vectors.detach().requires_grad_(with_backward)

        batch = replace(
            whole,
            anchors=leaf(whole.anchors),
            documents=leaf(whole.documents),
            queries={name: leaf(column) for name, column in whole.queries.items()},
        )
        total = torch.zeros((), device=whole.anchors.device)
        for start, end in _parts_at_rows(batch):
            parts = self.components(batch, start, end)
            part = torch.stack(list(parts.values())).sum()
            if with_backward:
                part.backward()  # type: ignore[no-untyped-call]
            total += part.detach()
            for name, value in parts.items():
                self._components[name] = self._components.get(name, torch.zeros_like(total)) + value.detach()
        if with_backward:
            ends = [whole.anchors, whole.documents, *whole.queries.values()]
            starts = [batch.anchors, batch.documents, *batch.queries.values()]
            torch.autograd.backward(ends, [vectors.grad for vectors in starts])
        return total

    def get_config_dict(self) -> dict[str, Any]:
        """Return the arguments that reproduce this loss."""
        return super().get_config_dict() | {"chunk_tokens": self.chunk_tokens}


def _by_length(features: dict[str, Any], chunk_tokens: int) -> tuple[dict[str, Any], Tensor]:
    """Sort texts by length, and return them with the place of each."""
    mask = features.get("attention_mask")
    if not isinstance(mask, Tensor) or mask.ndim != 2:
        return features, torch.arange(len(features["cu_seq_lens_q"]) - 1)
    order, _ = chunks_by_length(text_lengths(features), chunk_tokens)
    texts = {key: value for key, value in features.items() if key not in ("lengths", "text_key")}
    rows = send(order, mask.device)
    return select_texts(texts, rows, mask.shape[1]), send(inverse(order), mask.device)


def _parts_at_rows(batch: EmbeddedBatch) -> list[tuple[int, int]]:
    """Cut the anchors into parts of whole rows: a row's documents compare its anchors with each other."""
    row = batch.labels.row
    starts = [0, *((row[1:] != row[:-1]).nonzero().flatten() + 1).tolist()]
    cuts = [0]
    for start in starts:
        if start - cuts[-1] >= _ANCHORS:
            cuts.append(start)
    return list(zip(cuts, [*cuts[1:], len(row)], strict=True))
