"""Watch over the loss: a run stops where it is no number, or grows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from dualview.trainer.runs.loss_watch import LossWatch, TrainingStoppedError
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings


@pytest.mark.parametrize(
    ("evaluations", "message"),
    [
        (1, r"step \d: the loss is (nan|inf).*queries of the batch: q-"),
        (4, r"step 2: .*(the loss is|no numbers)"),
    ],
)
def test_a_loss_that_is_no_number_stops_the_run(
    settings_for: Callable[..., TrainingSettings], evaluations: int, message: str
) -> None:
    settings = settings_for(learning_rate=1e30, max_grad_norm=0.0, max_steps=8, evaluations=evaluations)
    with pytest.raises(TrainingStoppedError, match=message):
        train(settings)
    assert not (Path(settings.out) / "model").exists()


def test_a_loss_that_grows_stops_the_run() -> None:
    watch = LossWatch(diverges_at=3.0)
    with pytest.raises(TrainingStoppedError, match=r"step \d+: the loss diverges .*: a, b$"):
        for step in range(100):
            watch.note(torch.tensor(2.0 if step < 30 else 50.0), ["a", "b", "a"], step)
            watch.check()
    assert step >= 30


def test_a_loss_that_swings_does_not() -> None:
    watch = LossWatch(diverges_at=3.0)
    for step in range(200):
        watch.note(torch.tensor(2.0 if step % 7 else 20.0), ["a"], step)
        watch.check()
