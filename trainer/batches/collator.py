"""Collator of candidate sets: anchors, documents, and the labels of a batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from sentence_transformers.sentence_transformer.data_collator import SentenceTransformerDataCollator
from torch import Tensor

from dualview.cards.errors import InputError
from dualview.trainer.batches.base_embeddings import BaseEmbeddings
from dualview.trainer.batches.compositions import composed_vectors
from dualview.trainer.data.candidate_rows import ROW_FEATURES
from dualview.trainer.encoders.embedding import text_lengths
from dualview.trainer.losses.labels import Relation, join_blocks, text_number
from dualview.trainer.query_template import DEFAULT_TEMPLATE, join_instruction

# Separates ids where several are joined into one; no id has it.
_SEPARATOR = "\x1f"


@dataclass
class CandidateSetCollator(SentenceTransformerDataCollator):
    """Tokenise the anchors and documents of a batch of candidate sets and make its labels.

    Prompts are those of the columns ``anchor`` and ``document``.

    :param template: how query and instruction are joined; a bare query is not put into it.
    :param neutral: whether the bare query of a row that asks for it is an anchor too.
    :param max_negatives: most documents of a row that are no view's positive: instruction negatives first,
        then hard negatives.
    :param base: the base model's vectors of the texts, where the loss keeps something of the base model.
    :param keeps_queries: whether the bare queries and ``kept_sentences`` sentences are a column of their own,
        to keep them near the base model's vectors.
    :param frozen_documents: give the base model's vectors of the documents to the loss, which encodes none.
    :param query_tokens: cut queries at this number of tokens; None cuts them where the encoder does.
    :param corpus_negatives: passages of the whole training text, as the base model encodes them, added to the
        batch.
    :param compositions: queries with phrases in a column of their own, to pull them to composed vectors.
    :raises InputError: if ``base`` is missing or lacks what these options need.
    """

    template: str = DEFAULT_TEMPLATE
    neutral: bool = True
    max_negatives: int = 30
    base: BaseEmbeddings | None = None
    frozen_documents: bool = False
    query_tokens: int | None = None
    corpus_negatives: int = 0
    keeps_queries: bool = False
    kept_sentences: int = 0
    compositions: int = 0

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the tensors of each column, such as ``anchor_input_ids``, and ``label``.

        Columns are ``anchor`` and ``document`` and, where asked for, ``corpus``, ``kept`` and ``composed``.

        :param features: rows from :func:`dualview.trainer.data.candidate_rows.candidate_rows`.
        :return: ``label`` is a :class:`dualview.trainer.losses.labels.BatchLabels`.
        :raises InputError: if the rows are others.
        """
        anchors: list[str] = []
        is_neutral: list[bool] = []
        documents: list[str] = []
        blocks: list[Tensor] = []
        for row in features:
            check_row(row)
            passages, hard = cut_documents(row, self.max_negatives)
            block = own_relation(row, len(passages), len(hard))
            anchors += [
                join_instruction(row["query"], text, self.template) if text else row["query"]
                for text in row["instructions"]
            ]
            is_neutral += [False] * len(row["instructions"])
            if self.neutral and row["neutral"]:
                anchors.append(row["query"])
                is_neutral.append(True)
                block = torch.cat([block, neutral_relation(len(passages), len(hard))])
            documents += passages + hard
            blocks.append(block)
        ids = [row["query_id"] for row in features]
        columns = {"anchor": self._tokenised(anchors, "anchor", "query")}
        base: dict[str, Tensor] = {}
        if self.base is not None:
            base["base_anchor"] = self.base.bare(anchors, is_neutral)
            base["base_document"] = self.base.documents.of(documents)
        numbers = torch.tensor([text_number(text) for text in documents])
        if self.frozen_documents:
            self._base("frozen_documents")
            columns["document"] = encoded(base["base_document"], numbers)
        else:
            columns["document"] = self._tokenised(documents, "document", "document")
        if self.corpus_negatives:
            columns["document"]["text_key"] = numbers
            without = () if self.frozen_documents else numbers.tolist()
            columns["corpus"], base["added_groups"] = self._corpus(ids, without)
            vectors = columns["corpus"]["sentence_embedding"]
            base["base_document"] = torch.cat([base["base_document"], vectors])
        if self.keeps_queries:
            columns["kept"], base["base_kept"] = self._kept(features, ids)
        if self.compositions:
            columns["composed"], base["base_composed"] = self._composed(ids)
        groups = [text_number(query_id) for query_id in ids]
        batch: dict[str, Any] = {"label": join_blocks(blocks, groups, is_neutral, ids=ids, **base)}
        for column, values in columns.items():
            batch.update({f"{column}_{key}": value for key, value in values.items()})
        return batch

    def _tokenised(self, texts: list[str], column: str, task: str) -> dict[str, Any]:
        prompts = self.prompts if isinstance(self.prompts, dict) else {}
        cut = {"max_length": self.query_tokens} if task == "query" and self.query_tokens else {}
        features: dict[str, Any] = self.preprocess_fn(
            texts, prompt=prompts.get(column) or None, task=task, **cut
        )
        if isinstance(features.get("attention_mask"), Tensor):
            # Counted here, so that the loss need not wait for the device.
            features["lengths"] = text_lengths(features)
        return features

    def _base(self, option: str) -> BaseEmbeddings:
        if self.base is None:
            raise InputError(f"{option} needs the base model's embeddings; give the collator base=")
        return self.base

    def _corpus(self, ids: list[str], without: Collection[int]) -> tuple[dict[str, Any], Tensor]:
        """Return passages of the corpus as vectors, and the groups that they belong to.

        :param without: numbers of the texts that the batch has as trained passages.
        """
        base = self._base("corpus_negatives")
        if base.corpus is None:
            raise InputError("corpus_negatives needs base_embeddings(…, keeps_corpus=True)")
        groups, numbers, rows = base.corpus.draw(self.corpus_negatives, _SEPARATOR.join(ids), without)
        return encoded(base.documents.at(rows), numbers), groups

    def _kept(self, rows: list[dict[str, Any]], ids: list[str]) -> tuple[dict[str, Any], Tensor]:
        """Return the rows' bare queries and some sentences, and the base model's vectors of them."""
        base = self._base("keeps_queries")
        texts = list(dict.fromkeys(row["query"] for row in rows))
        if base.kept is not None:
            texts += base.kept.draw(self.kept_sentences, _SEPARATOR.join(ids))
        return self._tokenised(texts, "anchor", "query"), base.queries.of(texts)

    def _composed(self, ids: list[str]) -> tuple[dict[str, Any], Tensor]:
        """Return some queries with phrases, and the vectors that the base model's compose for them."""
        base = self._base("compositions")
        if base.compositions is None:
            raise InputError("compositions needs base_embeddings(…, compositions=…)")
        rows = base.compositions.draw(self.compositions, _SEPARATOR.join(ids))
        texts = [row["text"] for row in rows]
        vectors = composed_vectors(rows, base.queries, base.compositions.rule)
        return self._tokenised(texts, "anchor", "query"), vectors


def encoded(vectors: Tensor, numbers: Tensor) -> dict[str, Any]:
    """Make a column of documents that the loss need not encode.

    :param vectors: (documents, dim); ``sentence_embedding`` is the library's name for an encoded text.
    :param numbers: (documents,) hashes of the texts.
    """
    return {"sentence_embedding": vectors, "text_key": numbers}


def check_row(row: Mapping[str, Any]) -> None:
    """Check that a row is a candidate set.

    :raises InputError: naming the columns that it has, and what loads candidate sets.
    """
    missing = [name for name in ROW_FEATURES if name not in row]
    if missing:
        raise InputError(
            f"these rows are no candidate sets: they lack {missing[0]!r} and have "
            f"{', '.join(map(str, row)) or 'no columns'}; load them with dualview.load_candidate_sets"
        )


def cut_documents(row: Mapping[str, Any], max_negatives: int) -> tuple[list[str], list[str]]:
    """Cut a row's documents to the limit; passages begin with those that a view finds relevant.

    :return: the passages, and the hard negatives.
    """
    wanted = 1 + max((place for places in row["relevant"] for place in places), default=-1)
    passages = row["passages"][: wanted + max_negatives]
    return passages, row["hard_negatives"][: max_negatives - (len(passages) - wanted)]


def own_relation(row: dict[str, Any], passages: int, hard_negatives: int) -> Tensor:
    """Relation of a set's instructed anchors to its own documents: (instructions, documents)."""
    block = torch.full(
        (len(row["instructions"]), passages + hard_negatives), Relation.UNLABELLED, dtype=torch.int8
    )
    block[:, passages:] = Relation.NEGATIVE
    for view, (relevant, negative) in enumerate(zip(row["relevant"], row["negative"], strict=True)):
        block[view, [place for place in negative if place < passages]] = Relation.NEGATIVE
        block[view, relevant] = Relation.RELEVANT
    return block


def neutral_relation(passages: int, hard_negatives: int) -> Tensor:
    """Relation of a bare query to its own documents: (1, documents)."""
    block = torch.full((1, passages + hard_negatives), Relation.NEGATIVE, dtype=torch.int8)
    block[:, :passages] = Relation.RELEVANT
    return block
