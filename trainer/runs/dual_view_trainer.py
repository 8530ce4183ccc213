"""SentenceTransformerTrainer with an order of batches that survives interruptions, and an eye on the loss."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from sentence_transformers import SentenceTransformerTrainer
from sentence_transformers.base.sampler import DefaultBatchSampler
from torch import Tensor

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.metrics.ranks import InvalidScoreError

# Steps whose mean loss is what later ones are compared with.
_FIRST_STEPS = 20


class EpochBatchSampler(DefaultBatchSampler):
    """Shuffled batches in an order that the seed and the epoch alone decide.

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


class TrainingStoppedError(InputError):
    """The loss is not a number, or grows: the checkpoints are kept."""


class DualViewTrainer(SentenceTransformerTrainer):
    """Stops when the loss is not finite or diverges, and names the batch.

    :param diverges_at: how many times its first mean the smoothed loss may be; 0 has no limit.
    """

    def __init__(self, *args: Any, diverges_at: float = 0.0, **kwargs: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(*args, **kwargs)
        self._watch = LossWatch(diverges_at)

    def compute_loss(
        self,
        model: Any,  # noqa: ANN401 - the encoder, or what a launcher wraps around it
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Tensor | tuple[Tensor, dict[str, Any]]:
        """Compute the loss of a batch, after a look at the one before."""
        ids = inputs["label"]["ids"]
        self._watch.check()
        loss = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        if model.training:
            value = loss[0] if isinstance(loss, tuple) else loss
            self._watch.note(value.detach(), ids, self.state.global_step + 1)
        return loss

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:  # noqa: ANN401
        """Evaluate, if the last step left something to evaluate."""
        self._watch.check()
        try:
            return super().evaluate(*args, **kwargs)
        except InvalidScoreError as error:
            raise TrainingStoppedError(
                f"step {self.state.global_step}: the model's scores are no numbers any more; "
                "lower learning_rate"
            ) from error

    def _load_from_checkpoint(self, checkpoint_path: str) -> None:  # type: ignore[override]
        try:
            super()._load_from_checkpoint(checkpoint_path)
        except (RuntimeError, ValueError, KeyError, OSError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"{checkpoint_path}: holds another model or is broken; remove it to go on from the one "
                f"before ({reason})"
            ) from error

    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the library's
        # A model that was broken by the last step is not worth keeping.
        self._watch.check()
        super()._save_checkpoint(*args, **kwargs)


class LossWatch:
    """Checks each step's loss when the next one begins: by then it is known, and no device waits for it."""

    def __init__(self, diverges_at: float) -> None:
        self.diverges_at = diverges_at
        self._last: tuple[Tensor, torch.cuda.Event | None, list[str], int] | None = None
        self._first: list[float] = []
        self._smoothed = 0.0

    def note(self, loss: Tensor, ids: list[str], step: int) -> None:
        """Keep a step's loss and the ids of its batch."""
        copied = None
        if loss.is_cuda:
            # Under way to the host before the backward pass begins; reading it later waits for nothing else.
            loss = torch.empty_like(loss, device="cpu", pin_memory=True).copy_(loss, non_blocking=True)
            copied = torch.cuda.Event()
            copied.record()
        self._last = (loss, copied, ids, step)

    def check(self) -> None:
        """Look at the loss that was kept.

        :raises TrainingStoppedError: naming step and batch.
        """
        if self._last is None:
            return
        loss, copied, ids, step = self._last
        self._last = None
        if copied is not None:
            copied.synchronize()
        value = float(loss)
        batch = ", ".join(dict.fromkeys(ids))
        if not math.isfinite(value):
            raise TrainingStoppedError(
                f"step {step}: the loss is {value}; lower learning_rate, or look at these queries of the "
                f"batch: {batch}"
            )
        if len(self._first) < _FIRST_STEPS:
            self._first.append(value)
            self._smoothed = sum(self._first) / len(self._first)
            return
        self._smoothed += 0.1 * (value - self._smoothed)
        # A loss that began near zero may grow to 1 before it means anything.
        limit = self.diverges_at * max(1.0, sum(self._first) / len(self._first))
        if self.diverges_at and self._smoothed > limit:
            raise TrainingStoppedError(
                f"step {step}: the loss diverges ({self._smoothed:.2f}, at first "
                f"{sum(self._first) / len(self._first):.2f}); lower learning_rate, or look at these queries "
                f"of the batch: {batch}"
            )
