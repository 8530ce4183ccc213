"""Ends of runs, and going on after an interruption, on a tiny encoder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from dualview.cards.errors import InputError
from dualview.cards.model_facts import load_facts
from dualview.trainer.runs.checkpoints import write_checksums
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.running import interrupt_at, losses, weights


def test_a_run_that_was_interrupted_ends_like_one_that_was_not(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    # Five steps an epoch: the first interruption falls into the first one, the second into the second.
    changes = {"max_steps": 9, "evaluations": 5, "batch_size": 7, "keep_weight": 0.1}
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    train(settings_for(out=str(whole), **changes))
    for step in (3, 7):
        with pytest.MonkeyPatch.context() as patch:
            interrupt_at(step, patch)
            with pytest.raises(KeyboardInterrupt):
                train(settings_for(out=str(parted), **changes))
        assert not (parted / "model").exists()
    train(settings_for(out=str(parted), **changes))
    assert [step for step, _ in losses(parted)] == list(range(1, 10))
    for (_, ours), (_, wanted) in zip(losses(parted), losses(whole), strict=True):
        assert ours == pytest.approx(wanted, abs=1e-5)
    for name, weight in weights(whole).items():
        torch.testing.assert_close(weights(parted)[name], weight, atol=1e-5, rtol=1e-5)


def test_the_same_run_twice_gives_the_same_weights(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    first = train(settings_for(out=str(tmp_path / "1"), max_steps=2, evaluations=1))
    second = train(settings_for(out=str(tmp_path / "2"), max_steps=2, evaluations=1))
    assert (first / "model.safetensors").read_bytes() == (second / "model.safetensors").read_bytes()


def test_a_checkpoint_of_another_model_is_named(
    settings_for: Callable[..., TrainingSettings], tiny_path: Path, tmp_path: Path
) -> None:
    settings = settings_for(max_steps=4, evaluations=2)
    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(3, patch)
        with pytest.raises(KeyboardInterrupt):
            train(settings)
    checkpoint = Path(settings.out) / "checkpoints" / "checkpoint-2"
    config = json.loads((checkpoint / "config.json").read_text())
    assert config["num_hidden_layers"] == 2
    state = load_file(checkpoint / "model.safetensors")
    config["hidden_size"], config["intermediate_size"] = 16, 32
    (checkpoint / "config.json").write_text(json.dumps(config))
    # Half as wide; what is as long as the vocabulary, the positions or the two segments stays.
    half = {
        name: weight[
            tuple(slice(0, n if n in (2, 256, 30_522) else n // 2) for n in weight.shape)
        ].contiguous()
        for name, weight in state.items()
    }
    save_file(half, checkpoint / "model.safetensors", metadata={"format": "pt"})
    write_checksums(checkpoint)
    with pytest.raises(InputError, match=r"checkpoint-2: holds another model"):
        train(settings)


def test_a_full_disk_keeps_the_checkpoints(
    settings_for: Callable[..., TrainingSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    settings = settings_for(max_steps=2, evaluations=2)
    monkeypatch.setattr("dualview.trainer.runs.training.write_card", full)
    with pytest.raises(InputError, match="no space left; free some"):
        train(settings)
    assert (Path(settings.out) / "checkpoints" / "checkpoint-2").is_dir()
    assert not (Path(settings.out) / "model").exists()
    monkeypatch.undo()
    assert train(settings).is_dir()


def test_the_last_step_is_evaluated_too(settings_for: Callable[..., TrainingSettings]) -> None:
    settings = settings_for(max_steps=5, evaluations=2)
    train(settings)
    entries = [json.loads(line) for line in Path(settings.out, "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in entries if "eval_flip_accuracy" in entry] == [3, 5]


def test_the_time_is_up(settings_for: Callable[..., TrainingSettings]) -> None:
    settings = settings_for(max_steps=50, evaluations=1, max_hours=1e-9)
    model = train(settings)
    assert model.is_dir()
    assert [step for step, _ in losses(Path(settings.out))] == [1]


@pytest.mark.parametrize("metric", ["flip_accuracy", "right_first", "seeds_violating_first"])
def test_no_better_evaluation_stops_early(settings_for: Callable[..., TrainingSettings], metric: str) -> None:
    # A learning rate of almost nothing changes no ranking, so no evaluation beats the first one.
    changes = {"max_steps": 8, "evaluations": 8, "early_stopping": 2}
    settings = settings_for(**changes, learning_rate=1e-12, metric=metric)
    train(settings)
    assert [step for step, _ in losses(Path(settings.out))] == [1, 2, 3]


def test_without_evaluations_the_last_step_is_kept(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    settings = settings_for(max_steps=7, evaluations=0)
    model = train(settings)
    entries = [json.loads(line) for line in Path(settings.out, "log.jsonl").read_text().splitlines()]
    assert not any("eval_flip_accuracy" in entry for entry in entries)
    last = Path(settings.out) / "checkpoints" / "checkpoint-7" / "model.safetensors"
    assert (model / "model.safetensors").read_bytes() == last.read_bytes()
    assert (Path(settings.out) / "loss_curve.png").read_bytes().startswith(b"\x89PNG")


def test_without_evaluations_an_interrupted_run_goes_on(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    whole = train(settings_for(max_steps=6, evaluations=0, out=str(tmp_path / "whole")))
    settings = settings_for(max_steps=6, evaluations=0, out=str(tmp_path / "parted"))
    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(5, patch)
        with pytest.raises(KeyboardInterrupt):
            train(settings)
    parted = train(settings)
    assert (parted / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


@pytest.mark.parametrize("streaming", [False, True])
def test_without_evaluations_no_validation_split_is_needed(
    settings_for: Callable[..., TrainingSettings],
    dataset_folder: Path,
    rows: list[dict[str, Any]],
    tmp_path: Path,
    streaming: bool,
) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(dataset_folder, folder)
    card = (folder / "README.md").read_text().splitlines(keepends=True)
    (folder / "README.md").write_text("".join(line for line in card if "split: validation" not in line))
    changes = {"dataset": [str(folder)], "streaming": streaming, "max_steps": 2}
    with pytest.raises(
        InputError, match=r"split 'validation' is .*; with evaluations: 0, training needs none"
    ):
        train(settings_for(**changes))
    model = train(settings_for(evaluations=0, **changes))
    assert load_facts(model).example.query == rows[0]["query"]
