"""Batches of lists: each view of a candidate set with its passages and some of the corpus."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor
from torch.nn.functional import pad

from dualview.trainer.batches.collator import check_row, cut_documents, neutral_relation, own_relation
from dualview.trainer.encoders.embedding import text_lengths
from dualview.trainer.losses.labels import Relation
from dualview.trainer.query_template import DEFAULT_TEMPLATE, join_instruction

#: Relations of pairs that are scored; those of the corpus are :attr:`Relation.OTHER_ROW`.
SCORED = (Relation.RELEVANT, Relation.NEGATIVE, Relation.OTHER_ROW)


@dataclass(frozen=True)
class ListLabels:
    """Labels of a batch of lists; they travel through the data loader with it.

    :param relation: (lists, width) values of :class:`Relation`: one list a view, one column a passage of its
        candidate set, then those of the corpus.
    :param place: (lists, width) place of the pair among those that are scored; 0 where it is none of them.
    :param neutral: (lists,) booleans: the list of a bare query.
    :param row: (lists,) number of the row: lists of a row have the same passages in their columns.
    :param ids: query ids of the rows.
    """

    relation: Tensor
    place: Tensor
    neutral: Tensor
    row: Tensor
    ids: tuple[str, ...] = ()

    def to(self, device: torch.device | str, non_blocking: bool = False) -> ListLabels:
        """Return the labels on a device. accelerate calls this for each batch."""
        return self._mapped(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> ListLabels:
        """Return the labels in pinned memory. PyTorch's data loader calls this before a copy to a GPU."""
        return self._mapped(Tensor.pin_memory)

    def _mapped(self, change: Callable[[Tensor], Tensor]) -> ListLabels:
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        values.update({name: change(v) for name, v in values.items() if isinstance(v, Tensor)})
        return ListLabels(**values)


@dataclass
class ListCollator:
    """Tokenise the pairs of a batch of candidate sets and make its labels.

    :param preprocess: the CrossEncoder's, which tokenises pairs of texts.
    :param corpus: training rows, whose passages are negatives of the other rows.
    :param template: how query and instruction are joined; a bare query is not put into it.
    :param neutral: whether the bare query has a list too, in which all passages of the set are relevant.
    :param max_negatives: see :class:`dualview.trainer.batches.collator.CandidateSetCollator`.
    :param corpus_negatives: passages of other queries in each list.
    """

    preprocess: Callable[[list[tuple[str, str]]], dict[str, Any]]
    corpus: Dataset | Sequence[dict[str, Any]]
    template: str = DEFAULT_TEMPLATE
    neutral: bool = True
    max_negatives: int = 30
    corpus_negatives: int = 0
    # What the library's trainer reads of a collator.
    valid_label_columns: list[str] = field(default_factory=lambda: ["label"])

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the tokenised ``pairs`` and ``label``, a :class:`ListLabels`.

        :param features: rows from :func:`dualview.trainer.data.candidate_rows.candidate_rows`.
        :raises InputError: if the rows are others.
        """
        pairs: list[tuple[str, str]] = []
        lists: list[tuple[Tensor, Tensor]] = []
        is_neutral: list[bool] = []
        row_numbers: list[int] = []
        for number, row in enumerate(features):
            check_row(row)
            passages, hard = cut_documents(row, self.max_negatives)
            block = own_relation(row, len(passages), len(hard))
            queries = [
                join_instruction(row["query"], text, self.template) if text else row["query"]
                for text in row["instructions"]
            ]
            bare = [not text for text in row["instructions"]]
            if self.neutral and row["neutral"]:
                queries.append(row["query"])
                bare.append(True)
                block = torch.cat([block, neutral_relation(len(passages), len(hard))])
            others = self._others(row)
            block = pad(block, (0, len(others)), value=int(Relation.OTHER_ROW))
            texts = [*passages, *hard, *others]
            for query, relation in zip(queries, block, strict=True):
                place = torch.zeros(len(texts), dtype=torch.int64)
                for column in torch.isin(relation, torch.tensor(SCORED)).nonzero().flatten().tolist():
                    place[column] = len(pairs)
                    pairs.append((query, texts[column]))
                lists.append((relation, place))
            is_neutral += bare
            row_numbers += [number] * len(queries)
        tokenised = dict(self.preprocess(pairs))
        # Counted here, so that the loss need not wait for the device.
        tokenised["lengths"] = text_lengths(tokenised)
        return {
            "pairs": tokenised,
            "label": _joined(lists, is_neutral, row_numbers, [row["query_id"] for row in features]),
        }

    def _others(self, row: dict[str, Any]) -> list[str]:
        """Draw passages of other queries: the same ones for the same row, in all of its lists."""
        if not self.corpus_negatives:
            return []
        own = {*row["passages"], *row["hard_negatives"]}
        drawing = random.Random("\x1f".join((row["query_id"], *row["instructions"])))
        order = drawing.sample(range(len(self.corpus)), min(len(self.corpus), 4 * self.corpus_negatives))
        found: dict[str, None] = {}
        for place in order:
            other = self.corpus[place]
            text = drawing.choice(other["passages"])
            if other["query_id"] != row["query_id"] and text not in own:
                found[text] = None
            if len(found) == self.corpus_negatives:
                break
        return list(found)


def _joined(
    lists: Sequence[tuple[Tensor, Tensor]],
    neutral: Sequence[bool],
    rows: Sequence[int],
    ids: Sequence[str],
) -> ListLabels:
    width = max(len(relation) for relation, _ in lists)

    def columns(part: int, padding: int) -> Tensor:
        return torch.stack([pad(one[part], (0, width - len(one[part])), value=padding) for one in lists])

    return ListLabels(
        relation=columns(0, int(Relation.NO_DOCUMENT)),
        place=columns(1, 0),
        neutral=torch.tensor(neutral, dtype=torch.bool),
        row=torch.tensor(rows),
        ids=tuple(ids),
    )
