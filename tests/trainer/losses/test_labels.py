"""Labels of a batch: immutable, and moved whole by the libraries that carry a batch."""

from __future__ import annotations

import dataclasses
import pickle

import pytest
import torch
from accelerate.utils import send_to_device

from dualview.trainer.losses.labels import BatchLabels, Relation, column_labels, join_blocks, text_number


def labels() -> BatchLabels:
    block = torch.tensor([[Relation.RELEVANT, Relation.NEGATIVE]], dtype=torch.int8)
    return join_blocks([block], [text_number("q")], [False], ids=["q"], base_document=torch.eye(2))


def test_labels_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        labels().neutral = torch.ones(1)  # type: ignore[misc]


def test_accelerate_moves_every_tensor_of_them() -> None:
    moved = send_to_device({"label": labels()}, torch.device("meta"), non_blocking=True)["label"]
    assert isinstance(moved, BatchLabels) and moved.ids == ("q",) and moved.base_kept is None
    tensors = [value for value in vars(moved).values() if isinstance(value, torch.Tensor)]
    assert len(tensors) == 7 and all(tensor.is_meta for tensor in tensors)


def test_they_travel_between_processes() -> None:
    again = pickle.loads(pickle.dumps(labels()))
    assert torch.equal(again.own, labels().own) and again.ids == ("q",)


def test_documents_of_no_row_come_after_the_others() -> None:
    block = torch.tensor([[Relation.RELEVANT]], dtype=torch.int8)
    joined = join_blocks([block], [7], [False], added_groups=torch.tensor([7, 8]))
    assert joined.document_group.tolist() == [7, 7, 8]
    wanted = [Relation.RELEVANT, Relation.UNLABELLED, Relation.OTHER_ROW]
    assert joined.dense(0, 1).tolist() == [[int(relation) for relation in wanted]]


def test_columns_have_the_relations_of_their_places() -> None:
    relation = column_labels(anchors=2, columns=2).dense(0, 2)
    r, n, other = (int(value) for value in (Relation.RELEVANT, Relation.NEGATIVE, Relation.OTHER_ROW))
    assert relation.tolist() == [[r, other, n, other], [other, r, other, n]]
