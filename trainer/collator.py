"""From candidate sets to a batch: anchors, documents, and who wants what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from sentence_transformers.sentence_transformer.data_collator import SentenceTransformerDataCollator
from torch import Tensor

from trainer.instructed import DEFAULT_TEMPLATE, join_instruction
from trainer.loss import Relation


@dataclass
class CandidateSetCollator(SentenceTransformerDataCollator):
    """Tokenise the anchors and documents of a batch of candidate sets and build the relation matrix.

    :param template: how query and instruction are joined.
    :param neutral: whether each set's bare query is an anchor too.
    :param max_hard_negatives: at most so many hard negatives a set.
    """

    template: str = DEFAULT_TEMPLATE
    neutral: bool = True
    max_hard_negatives: int = 30

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        """Return ``anchor_*`` and ``document_*`` tensors and ``label`` for :class:`trainer.loss.DualViewLoss`."""
        anchors: list[str] = []
        is_neutral: list[bool] = []
        documents: list[str] = []
        blocks: list[Tensor] = []
        for row in features:
            row_anchors = [join_instruction(row["query"], text, self.template) for text in row["instructions"]]
            hard = row["hard_negatives"][: self.max_hard_negatives]
            block = _own_relation(row, len(hard))
            if self.neutral:
                row_anchors.append(row["query"])
                bare = torch.full((1, block.shape[1]), Relation.RELEVANT, dtype=torch.int8)
                bare[:, len(row["passages"]) :] = Relation.NEGATIVE
                block = torch.cat([block, bare])
            anchors += row_anchors
            is_neutral += [False] * len(row["instructions"]) + [True] * self.neutral
            documents += row["passages"] + hard
            blocks.append(block)
        batch: dict[str, Any] = {}
        for column, texts, task in (("anchor", anchors, "query"), ("document", documents, "document")):
            for key, value in self.preprocess_fn(texts, prompt=self._get_prompt_for_column(self._resolve_prompts({}), column), task=task).items():
                batch[f"{column}_{key}"] = value
        relation = torch.block_diag(*blocks).to(torch.int8)
        _hide_unlabelled_rows(relation, features, blocks)
        batch["label"] = {"relation": relation, "neutral": torch.tensor(is_neutral)}
        return batch


def _own_relation(row: dict[str, Any], hard_negatives: int) -> Tensor:
    """Relation of a set's instructed anchors to its own documents: (instructions, documents)."""
    passages = len(row["passages"])
    block = torch.full((len(row["instructions"]), passages + hard_negatives), Relation.UNLABELLED, dtype=torch.int8)
    block[:, passages:] = Relation.NEGATIVE
    for view, (relevant, negative) in enumerate(zip(row["relevant"], row["negative"], strict=True)):
        block[view, negative] = Relation.NEGATIVE
        block[view, relevant] = Relation.RELEVANT
    return block


def _hide_unlabelled_rows(relation: Tensor, features: list[dict[str, Any]], blocks: list[Tensor]) -> None:
    """Mark documents of another row with the same query: they answer it, and nobody said whether they may."""
    tops = torch.tensor([0] + [block.shape[0] for block in blocks]).cumsum(0).tolist()
    lefts = torch.tensor([0] + [block.shape[1] for block in blocks]).cumsum(0).tolist()
    for i, row in enumerate(features):
        for j, other in enumerate(features):
            if i != j and row["query_id"] == other["query_id"]:
                relation[tops[i] : tops[i + 1], lefts[j] : lefts[j + 1]] = Relation.UNLABELLED
