"""Watch over the loss of a run: it stops where the loss is no finite number, or grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dualview.cards.errors import InputError

# Steps whose mean loss is what later ones are compared with.
_FIRST_STEPS = 20


class TrainingStoppedError(InputError):
    """The loss is no finite number, or it grows; the checkpoints are kept."""


@dataclass(frozen=True)
class _Step:
    """Loss of a step, and the ids of its batch.

    :param copied: event after which the loss is in the host's memory.
    """

    number: int
    loss: Tensor
    ids: Sequence[str]
    copied: torch.cuda.Event | None


class LossWatch:
    """Checks each step's loss when the next step begins: it is known by then, and no device waits for it.

    :param diverges_at: largest multiple of its first mean that the smoothed loss may reach; 0 sets no limit.
    """

    def __init__(self, diverges_at: float) -> None:
        self.diverges_at = diverges_at
        self._last: _Step | None = None
        self._first: list[float] = []
        self._smoothed = 0.0

    def note(self, loss: Tensor, ids: Sequence[str], step: int) -> None:
        """Keep a step's loss and the ids of its batch, to be checked later."""
        copied = None
        if loss.is_cuda:
            # The copy starts before the backward pass does, so that reading it later waits for nothing else.
            loss = torch.empty_like(loss, device="cpu", pin_memory=True).copy_(loss, non_blocking=True)
            copied = torch.cuda.Event()  # type: ignore[no-untyped-call]
            copied.record()
        self._last = _Step(step, loss, ids, copied)

    def check(self) -> None:
        """Check the loss that was kept last.

        :raises TrainingStoppedError: naming step and batch.
        """
        last, self._last = self._last, None
        if last is None:
            return
        if last.copied is not None:
            last.copied.synchronize()
        value = float(last.loss)
        if not math.isfinite(value):
            raise _stopped(last, f"the loss is {value}")
        if len(self._first) < _FIRST_STEPS:
            self._first.append(value)
            self._smoothed = sum(self._first) / len(self._first)
            return
        self._smoothed += 0.1 * (value - self._smoothed)
        first = sum(self._first) / len(self._first)
        # A loss that began near zero may grow to 1 before it means anything.
        if self.diverges_at and self._smoothed > self.diverges_at * max(1.0, first):
            raise _stopped(last, f"the loss diverges ({self._smoothed:.2f}, at first {first:.2f})")


def _stopped(step: _Step, reason: str) -> TrainingStoppedError:
    batch = ", ".join(dict.fromkeys(step.ids))
    return TrainingStoppedError(
        f"step {step.number}: {reason}; lower learning_rate, or check these queries of the batch: {batch}"
    )
