"""From candidate sets to a batch: anchors, documents, and who wants what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from sentence_transformers.sentence_transformer.data_collator import SentenceTransformerDataCollator
from torch import Tensor

from dualview.trainer.batches.base_embeddings import BaseEmbeddings
from dualview.trainer.batches.text_numbers import number_of
from dualview.trainer.encoders.embedding import text_lengths
from dualview.trainer.losses.labels import Relation, join_blocks
from dualview.trainer.query_template import DEFAULT_TEMPLATE, join_instruction


@dataclass
class CandidateSetCollator(SentenceTransformerDataCollator):
    """Tokenise the anchors and documents of a batch of candidate sets and write down who wants what.

    Prompts are those of the columns ``anchor`` and ``document``.

    :param template: how query and instruction are joined; a bare query is not put into it.
    :param neutral: whether the bare query of a row that asks for it is an anchor too.
    :param max_negatives: at most so many documents a row that are no view's positive: instruction negatives
        first, then hard negatives.
    :param base: what the base model makes of the texts, where the loss keeps its similarities.
    :param keeps_queries: encode the bare queries and ``kept_sentences`` sentences a batch too, to keep them
        where the base model has them.
    :param frozen_documents: hand the base model's vectors of the documents to the loss, which encodes none.
    :param corpus_negatives: so many passages of the whole training text beside the batch's own; only where
        documents are frozen.
    """

    template: str = DEFAULT_TEMPLATE
    neutral: bool = True
    max_negatives: int = 30
    base: BaseEmbeddings | None = None
    frozen_documents: bool = False
    corpus_negatives: int = 0
    keeps_queries: bool = False
    kept_sentences: int = 0

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        """Return ``anchor_*`` and ``document_*`` tensors and ``label``, for the loss.

        :raises ValueError: if documents are frozen or queries kept, and ``base`` is not given, or does not
            hold the corpus to draw negatives from.
        """
        anchors: list[str] = []
        is_neutral: list[bool] = []
        documents: list[str] = []
        blocks: list[Tensor] = []
        for row in features:
            passages, hard = self._documents(row)
            block = _own_relation(row, len(passages), len(hard))
            anchors += [
                join_instruction(row["query"], text, self.template) if text else row["query"]
                for text in row["instructions"]
            ]
            is_neutral += [False] * len(row["instructions"])
            if self.neutral and row["neutral"]:
                anchors.append(row["query"])
                is_neutral.append(True)
                block = torch.cat([block, _neutral_relation(len(passages), len(hard))])
            documents += passages + hard
            blocks.append(block)
        label: dict[str, Any] = join_blocks(
            blocks, [number_of(row["query_id"]) for row in features], is_neutral
        )
        label["ids"] = [row["query_id"] for row in features]
        if self.base is not None:
            label["base_anchor"] = self.base.bare(anchors, is_neutral)
            label["base_document"] = self.base.documents.of(documents)
        columns = {"anchor": self._tokenised(anchors, "anchor", "query")}
        columns["document"] = (
            self._encoded(documents, label)
            if self.frozen_documents
            else self._tokenised(documents, "document", "document")
        )
        if self.keeps_queries:
            columns["kept"], label["base_kept"] = self._kept(features)
        batch: dict[str, Any] = {"label": label}
        for column, values in columns.items():
            batch.update({f"{column}_{key}": value for key, value in values.items()})
        return batch

    def _tokenised(self, texts: list[str], column: str, task: str) -> dict[str, Any]:
        prompts = self.prompts if isinstance(self.prompts, dict) else {}
        features: dict[str, Any] = self.preprocess_fn(texts, prompt=prompts.get(column) or None, task=task)
        if isinstance(features.get("attention_mask"), Tensor):
            # Counted here, the device need not be asked.
            features["lengths"] = text_lengths(features)
        return features

    def _encoded(self, texts: list[str], label: dict[str, Any]) -> dict[str, Any]:
        """Vectors under the name that the library takes for an encoded text, and what tells texts apart.

        Passages of the corpus are joined in here, and in the label.
        """
        if self.base is None:
            raise ValueError("frozen_documents needs the base model's embeddings")
        keys = torch.tensor([number_of(text) for text in texts])
        if self.corpus_negatives:
            if self.base.corpus is None:
                raise ValueError("corpus_negatives needs base embeddings that keep the corpus")
            queries, numbers, rows = self.base.corpus.draw(self.corpus_negatives, "\x1f".join(label["ids"]))
            keys = torch.cat([keys, numbers])
            label["document_group"] = torch.cat([label["document_group"], queries])
            label["base_document"] = torch.cat([label["base_document"], self.base.documents.at(rows)])
        return {"sentence_embedding": label["base_document"], "text_key": keys}

    def _kept(self, rows: list[dict[str, Any]]) -> tuple[dict[str, Any], Tensor]:
        """The rows' bare queries and some sentences, with what the base model makes of them."""
        if self.base is None:
            raise ValueError("keeps_queries needs the base model's embeddings")
        texts = list(dict.fromkeys(row["query"] for row in rows))
        if self.base.kept is not None:
            batch = "\x1f".join(row["query_id"] for row in rows)
            texts += self.base.kept.draw(self.kept_sentences, batch)
        return self._tokenised(texts, "anchor", "query"), self.base.queries.of(texts)

    def _documents(self, row: dict[str, Any]) -> tuple[list[str], list[str]]:
        """Cut a row's documents to the limit; passages begin with those that a view wants."""
        wanted = 1 + max((place for places in row["relevant"] for place in places), default=-1)
        passages = row["passages"][: wanted + self.max_negatives]
        return passages, row["hard_negatives"][: self.max_negatives - (len(passages) - wanted)]


def _own_relation(row: dict[str, Any], passages: int, hard_negatives: int) -> Tensor:
    """Relation of a set's instructed anchors to its own documents: (instructions, documents)."""
    block = torch.full(
        (len(row["instructions"]), passages + hard_negatives), Relation.UNLABELLED, dtype=torch.int8
    )
    block[:, passages:] = Relation.NEGATIVE
    for view, (relevant, negative) in enumerate(zip(row["relevant"], row["negative"], strict=True)):
        block[view, [place for place in negative if place < passages]] = Relation.NEGATIVE
        block[view, relevant] = Relation.RELEVANT
    return block


def _neutral_relation(passages: int, hard_negatives: int) -> Tensor:
    """Relation of a bare query to its own documents: (1, documents)."""
    block = torch.full((1, passages + hard_negatives), Relation.NEGATIVE, dtype=torch.int8)
    block[:, :passages] = Relation.RELEVANT
    return block
