"""Gathering over processes whose batches differ in size."""

from __future__ import annotations

import torch
from sentence_transformers.util import all_gather, all_gather_with_grad
from sentence_transformers.util.distributed import get_rank, get_world_size
from torch import Tensor, distributed
from torch.nn import functional


def gather_rows(rows: Tensor) -> tuple[Tensor, int]:
    """Concatenate the rows of all processes, gradients included.

    :param rows: (rows of this process, ...)
    :return: (rows of all processes, ...) in the order of the ranks, and the place of this process's first.
    """
    if get_world_size() == 1:
        return rows, 0
    counts = all_gather(torch.tensor([len(rows)], device=rows.device)).tolist()
    most = max(counts)
    padded = functional.pad(rows, (0, 0) * (rows.ndim - 1) + (0, most - len(rows)))
    gathered = all_gather_with_grad(padded) if rows.is_floating_point() else all_gather(padded)
    places = [rank * most + place for rank, count in enumerate(counts) for place in range(count)]
    return gathered[torch.tensor(places, device=rows.device)], sum(counts[: get_rank()])


def sum_over_processes(counts: Tensor) -> Tensor:
    """Add up a tensor of counts over all processes."""
    if get_world_size() > 1:
        distributed.all_reduce(counts)
    return counts
