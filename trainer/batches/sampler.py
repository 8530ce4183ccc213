"""Order of the batches of an epoch, the same after an interruption."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from sentence_transformers.base.sampler import DefaultBatchSampler


class EpochBatchSampler(DefaultBatchSampler):
    """Shuffle the batches in an order that the seed and the epoch alone decide.

    The library's own sampler draws each epoch's order from one generator, so that a run resumed in its second
    epoch would see the order of the first one again.
    """

    def __iter__(self) -> Iterator[list[int]]:
        """Yield the batches of the epoch that was set last."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        order = torch.randperm(len(self.sampler), generator=generator).tolist()  # type: ignore[arg-type]
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch
