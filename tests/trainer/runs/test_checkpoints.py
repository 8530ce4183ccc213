"""Damaged and incomplete checkpoints are named and passed over, and the result stays the same."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dualview.cards.errors import InputError
from dualview.trainer.runs.checkpoints import CHECKSUMS, find_fault, newest_whole_checkpoint
from dualview.trainer.runs.dual_view_trainer import DualViewTrainer
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.running import interrupt_at, losses

STEPS: dict[str, Any] = {"max_steps": 8, "evaluations": 4}


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES = [
    (name, damage)
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth", "model.safetensors", "trainer_state.json")
    for damage in (cut, flip, Path.unlink)
]


@pytest.fixture
def parted(settings_for: Callable[..., TrainingSettings], tmp_path: Path) -> TrainingSettings:
    """A run that was interrupted with two checkpoints: that of step 6, and the best until then."""
    settings = settings_for(out=str(tmp_path / "parted"), **STEPS)
    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(7, patch)
        with pytest.raises(KeyboardInterrupt):
            train(settings)
    return settings


def checkpoints(settings: TrainingSettings) -> Path:
    return Path(settings.out) / "checkpoints"


def test_every_damage_is_found_and_the_checkpoint_before_is_taken(
    parted: TrainingSettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number, (name, damage) in enumerate(DAMAGES):
        folder = tmp_path / str(number)
        shutil.copytree(checkpoints(parted), folder)
        newest = folder / "checkpoint-6"
        (before,) = set(folder.glob("checkpoint-*")) - {newest}
        assert find_fault(newest) == find_fault(before) == ""
        damage(newest / name)
        caplog.clear()
        with caplog.at_level(logging.WARNING, "dualview.train"):
            assert newest_whole_checkpoint(folder) == before, (name, damage)
        assert "checkpoint-6" in caplog.text and name in caplog.text
        assert not newest.exists()


def test_after_a_damage_the_run_ends_as_an_undisturbed_one(
    parted: TrainingSettings, settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    whole = train(settings_for(out=str(tmp_path / "whole"), **STEPS))
    (checkpoints(parted) / "checkpoint-6" / "scheduler.pt").unlink()
    model = train(parted)
    assert (model / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert losses(model.parent) == losses(whole.parent)


def test_a_damaged_best_checkpoint_takes_those_after_it_along(
    parted: TrainingSettings, tmp_path: Path
) -> None:
    newest = checkpoints(parted) / "checkpoint-6"
    state = json.loads((newest / "trainer_state.json").read_text())
    best = Path(state["best_model_checkpoint"]).name
    folder = tmp_path / "moved"
    shutil.copytree(checkpoints(parted), folder)
    assert newest_whole_checkpoint(folder) == folder / "checkpoint-6"
    cut(folder / best / "model.safetensors")
    shutil.rmtree(checkpoints(parted))  # the folder that the state names is of no account
    assert best != newest.name and newest_whole_checkpoint(folder) is None
    assert not (folder / "checkpoint-6").exists()


def test_a_best_checkpoint_that_is_damaged_during_the_run_is_no_model(
    settings_for: Callable[..., TrainingSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    load = DualViewTrainer._load_best_model

    def damage_first(self: DualViewTrainer) -> None:
        cut(Path(str(self.state.best_model_checkpoint)) / "model.safetensors")
        load(self)

    settings = settings_for(max_steps=2, evaluations=1)
    with monkeypatch.context() as patch:
        patch.setattr(DualViewTrainer, "_load_best_model", damage_first)
        with pytest.raises(InputError, match=r"model\.safetensors is damaged, and it is the best checkpoint"):
            train(settings)
    assert not (Path(settings.out) / "model").exists()
    assert train(settings).is_dir()


def test_checksums_are_needed_but_for_runs_that_began_without(
    parted: TrainingSettings, tmp_path: Path
) -> None:
    newest = checkpoints(parted) / "checkpoint-6"
    sums = json.loads((newest / CHECKSUMS).read_text())
    assert {"model.safetensors", "optimizer.pt", "trainer_state.json", "1_Pooling/config.json"} <= set(sums)
    for checkpoint in checkpoints(parted).glob("checkpoint-*"):
        (checkpoint / CHECKSUMS).unlink()
    assert newest_whole_checkpoint(checkpoints(parted), needs_checksums=False) == newest
    assert "not written to the end" in find_fault(newest)
    (newest / CHECKSUMS).write_text("[")
    assert "is damaged" in find_fault(newest, needs_checksums=False)
