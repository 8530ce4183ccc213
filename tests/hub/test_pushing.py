"""Pushing while training: in order, with a tag for the best, and never the end of a training."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import HfApi
from transformers import TrainerControl, TrainerState, TrainingArguments

from dualview.cards.errors import InputError
from dualview.cards.hub.retries import Patience
from dualview.cards.model_card import save_facts, write_model_card
from dualview.trainer.runs.pushing import CheckpointPusher, check_hub
from tests.hub.clients import ALICE, contents, run_as, titles
from tests.hub.loopback.faults import Fault
from tests.hub.loopback.state import Hub
from tests.hub.samples import model_facts, write_model

ID = "org/dualview-305m"
IMPATIENT = Patience(tries=2, sleep=lambda seconds: None)
AWAY = Fault("status", on="/api/", times=None)
Save = Callable[..., None]


def describe(folder: Path, said: str) -> None:
    facts = replace(model_facts(), limits=(said,))
    save_facts(folder, facts)
    write_model_card(folder, facts)


@pytest.fixture
def pusher(connected: Hub, tmp_path: Path) -> CheckpointPusher:
    return CheckpointPusher(
        ID, tmp_path / "run" / ".pushing", False, describe, patience=IMPATIENT, patience_in_the_end=IMPATIENT
    )


@pytest.fixture
def save(pusher: CheckpointPusher, tmp_path: Path) -> Save:
    """Saves a checkpoint as the trainer does, waits for the upload, and rotates the checkpoint away."""
    arguments = TrainingArguments(output_dir=str(tmp_path / "run" / "checkpoints"), use_cpu=True)

    def saved(step: int, best: int, main: bool = True) -> None:
        checkpoint = write_model(tmp_path / "run" / "checkpoints" / f"checkpoint-{step}", b"%d" % step * 50)
        (checkpoint / "optimizer.pt").write_bytes(b"x")
        state = TrainerState(global_step=step, max_steps=9, best_global_step=best, is_world_process_zero=main)
        pusher.on_save(arguments, state, TrainerControl())
        shutil.rmtree(checkpoint)
        if pusher._thread is not None:
            pusher._thread.join()

    return saved


def best_of(hub: Hub) -> str:
    repo = hub.store.repo("models", ID)
    assert repo is not None
    return hub.store.resolve(repo, "best").title


def test_each_save_is_a_commit_and_the_best_has_a_tag(
    connected: Hub, pusher: CheckpointPusher, save: Save, tmp_path: Path
) -> None:
    save(3, best=3)
    assert best_of(connected) == "Checkpoint of step 3 of 9, the best so far"
    save(6, best=6)
    save(9, best=6)
    assert best_of(connected) == "Checkpoint of step 6 of 9, the best so far"
    assert contents(connected, "models", ID)["model.safetensors"] == b"9" * 50
    assert "Checkpoint of step 9 of 9" in contents(connected, "models", ID)["README.md"].decode()
    assert pusher.finish(write_model(tmp_path / "run" / "model", b"final"))
    there = contents(connected, "models", ID)
    assert there["model.safetensors"] == b"final" and "Checkpoint of" not in there["README.md"].decode()
    assert "optimizer.pt" not in there
    assert titles(connected, "models", ID) == [
        "Trained model",
        "Checkpoint of step 9 of 9",
        "Checkpoint of step 6 of 9, the best so far",
        "Checkpoint of step 3 of 9, the best so far",
        "initial commit",
    ]
    assert not pusher.staging.exists()


def test_what_failed_is_tried_again_at_the_next_save(
    connected: Hub, save: Save, caplog: pytest.LogCaptureFixture
) -> None:
    connected.faults.switch_on(AWAY)
    with caplog.at_level(logging.WARNING, "dualview.train"):
        save(3, best=3)
    assert "not published, the training goes on: " in caplog.text and "503" in caplog.text
    assert ALICE not in caplog.text
    connected.faults.switch_off()
    save(6, best=3)
    assert [title.split(",")[0] for title in titles(connected, "models", ID)] == [
        "Checkpoint of step 6 of 9",
        "Checkpoint of step 3 of 9",
        "initial commit",
    ]
    assert best_of(connected) == "Checkpoint of step 3 of 9, the best so far"


def test_what_failed_is_tried_again_at_the_end(
    connected: Hub, pusher: CheckpointPusher, save: Save, tmp_path: Path
) -> None:
    connected.faults.switch_on(AWAY)
    save(3, best=3)
    connected.faults.switch_off()
    assert pusher.finish(write_model(tmp_path / "run" / "model"))
    assert titles(connected, "models", ID)[0] == "Trained model"
    assert best_of(connected) == "Checkpoint of step 3 of 9, the best so far"


def test_a_hub_that_stays_away_ends_nothing(
    connected: Hub, pusher: CheckpointPusher, save: Save, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    connected.faults.switch_on(AWAY)
    with caplog.at_level(logging.WARNING, "dualview.train"):
        save(3, best=3)
        model = write_model(tmp_path / "run" / "model")
        assert not pusher.finish(model)
    assert f"try: dualview publish model {model} --repo-id {ID}" in caplog.text
    assert connected.store.repos("models") == []


def test_few_checkpoints_wait_and_the_best_among_them(
    connected: Hub, pusher: CheckpointPusher, save: Save
) -> None:
    connected.faults.switch_on(AWAY)
    for step in range(1, 8):
        save(step, best=min(step, 2))
    assert sorted(path.name for path in pusher.staging.iterdir()) == [
        "checkpoint-1",
        "checkpoint-2",
        "checkpoint-7",
    ]
    connected.faults.switch_off()
    save(8, best=2)
    assert best_of(connected) == "Checkpoint of step 2 of 9, the best so far"
    assert titles(connected, "models", ID)[0] == "Checkpoint of step 8 of 9"


def test_only_the_main_process_publishes(connected: Hub, save: Save) -> None:
    save(3, best=3, main=False)
    assert connected.seen == []


def test_a_card_that_cannot_be_written_ends_nothing(
    pusher: CheckpointPusher, save: Save, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(folder: Path, said: str) -> None:
        raise KeyError("no such fact")

    pusher.describe = broken
    with caplog.at_level(logging.WARNING, "dualview.train"):
        save(3, best=3)
    assert "no such fact" in caplog.text


def test_adapters_wait_for_the_merged_model(connected: Hub, pusher: CheckpointPusher, tmp_path: Path) -> None:
    checkpoint = write_model(tmp_path / "checkpoints" / "checkpoint-3")
    (checkpoint / "adapter_config.json").write_text("{}")
    arguments = TrainingArguments(output_dir=str(tmp_path / "checkpoints"), use_cpu=True)
    pusher.on_save(arguments, TrainerState(global_step=3, max_steps=9), TrainerControl())
    assert pusher._thread is None and connected.seen == []


def test_the_hub_is_asked_before_the_training(
    connected: Hub, api: HfApi, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    check_hub(ID, public=False, assume_yes=False)
    assert [repo.private for repo in connected.store.repos("models")] == [True]
    for repo_id, message in (("nowhere/m", "not to nowhere"), ("no id", "has no owner")):
        with pytest.raises(InputError, match=message):
            check_hub(repo_id, public=False, assume_yes=False)
    api.update_repo_settings(ID, private=False)
    with pytest.raises(InputError, match="add --public"):
        check_hub(ID, public=False, assume_yes=False)
    connected.faults.switch_on(AWAY)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    check_hub("org/later", public=False, assume_yes=False)
    assert "not published, the training goes on" in caplog.text


@pytest.mark.slow
def test_two_processes_publish_once(hub: Hub, tiny_model: Path, dataset: Path, tmp_path: Path) -> None:
    """`accelerate launch` with two processes, and a Hub that is away for the first save."""
    hub.faults.switch_on(Fault("status", on="/commit/", times=4), Fault("race", times=1))
    launch = ("-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2", "--mixed_precision", "no")
    train = ("trainer/train.py", "--model", tiny_model, "--dataset", dataset, "--out", tmp_path / "run")
    small = ("--max-steps", "2", "--evaluations", "2", "--batch-size", "2", "--max-tokens", "16")
    done = run_as(hub, tmp_path / "home", *launch, *train, *small, "--push-to-hub", ID)
    assert done.returncode == 0, done.stderr
    assert "not published, the training goes on" in done.stderr
    history = titles(hub, "models", ID)
    assert history[0] == "Trained model" and len(set(history)) == len(history)
    assert sum(title.startswith("Checkpoint of step") for title in history) == 2


@pytest.mark.slow
def test_a_training_outlives_the_hub(hub: Hub, tiny_model: Path, dataset: Path, tmp_path: Path) -> None:
    hub.faults.switch_on(Fault("drop", times=None))
    train = ("trainer/train.py", "--model", tiny_model, "--dataset", dataset, "--out", tmp_path / "run")
    small = ("--max-steps", "2", "--evaluations", "1", "--batch-size", "2", "--max-tokens", "16")
    done = run_as(hub, tmp_path / "home", *train, *small, "--push-to-hub", ID)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "model" / "model.safetensors").exists()
    assert "dualview publish model" in done.stderr
