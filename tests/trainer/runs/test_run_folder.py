"""The output folder of a run: whose it is, and what is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from transformers.trainer_callback import TrainerState

from dualview.cards.errors import InputError
from dualview.trainer.runs.checkpoints import write_checksums
from dualview.trainer.runs.disk_space import is_out_of_space
from dualview.trainer.runs.run_folder import RunFolder
from dualview.trainer.settings.training import TrainingSettings

SETTINGS = {"learning_rate": 1e-4, "dataset": ["d"]}


def folder_at(path: Path, fingerprint: str = "f", **changes: Any) -> RunFolder:
    return RunFolder(path, {**SETTINGS, **changes}, fingerprint)


def checkpoint(folder: RunFolder, step: int, whole: bool = True) -> Path:
    path = folder.checkpoints / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "model.safetensors").write_bytes(b"")
    if whole:
        TrainerState(global_step=step).save_to_json(str(path / "trainer_state.json"))
        write_checksums(path)
    return path


def test_a_new_folder_is_made_with_its_parents_and_taken_over_by_the_same_run(tmp_path: Path) -> None:
    folder = folder_at(tmp_path / "a" / "b")
    folder.prepare()
    folder.add_seconds(2.0)
    again = folder_at(tmp_path / "a" / "b")
    again.prepare()
    assert again.add_seconds(3.5) == 5.5
    assert not again.is_finished()


def test_a_finished_run_is_known_by_its_model(tmp_path: Path) -> None:
    folder = folder_at(tmp_path)
    folder.prepare()
    folder.save_model(lambda path: (path / "modules.json").write_text("[]") and None)
    assert folder.is_finished()
    assert not folder_at(tmp_path, learning_rate=2e-4).is_finished()
    assert not folder_at(tmp_path, fingerprint="g").is_finished()


def test_a_setting_that_did_not_exist_yet_was_at_its_default(tmp_path: Path) -> None:
    folder = folder_at(tmp_path)
    folder.prepare()
    folder_at(tmp_path, corpus_negatives=0, template="{query} {instruction}").prepare()
    with pytest.raises(InputError, match="corpus_negatives was 0, is 5"):
        folder_at(tmp_path, corpus_negatives=5).prepare()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rate": 2e-4}, "learning_rate was 0.0001, is 0.0002"),
        ({"fingerprint": "g"}, "the data changed"),
        ({"new": 1}, "new was None, is 1"),
    ],
)
def test_another_run_is_refused_and_thrown_away_when_asked(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    folder = folder_at(tmp_path)
    folder.prepare()
    folder.log.write_text("{}\n")
    (tmp_path / "notes.txt").write_text("mine")
    checkpoint(folder, 5)
    other = folder_at(tmp_path, **changes)
    with pytest.raises(InputError) as caught:
        other.prepare()
    assert message in str(caught.value) and "--restart" in str(caught.value)
    assert folder.last_checkpoint()
    other.prepare(restart=True)
    assert other.last_checkpoint() is None and not folder.log.exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"
    other.prepare()


@pytest.mark.parametrize("name", ["photo.png", "run.json"])
def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"not": "a run"}')
    with pytest.raises(InputError, match="no training run made it"):
        folder_at(tmp_path).prepare(restart=True)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        folder_at(tmp_path / "file").prepare()
    with pytest.raises(InputError, match="cannot be written"):
        folder_at(tmp_path / "file" / "below").prepare()


def test_a_checkpoint_that_was_cut_off_is_left_out_and_removed(tmp_path: Path) -> None:
    folder = folder_at(tmp_path)
    folder.prepare()
    checkpoint(folder, 9)
    whole = checkpoint(folder, 10)
    broken = checkpoint(folder, 100, whole=False)
    unreadable = checkpoint(folder, 101)
    (unreadable / "trainer_state.json").write_text("{")
    assert folder.last_checkpoint() == whole
    assert not broken.exists() and not unreadable.exists()


def test_a_model_is_whole_or_not_there(tmp_path: Path) -> None:
    folder = folder_at(tmp_path)
    folder.prepare()

    def fail(path: Path) -> None:
        (path / "half").write_text("")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        folder.save_model(fail)
    assert not folder.model.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.json"]
    folder.save_model(lambda path: (path / "one").write_text("1") and None)
    folder.save_model(lambda path: (path / "two").write_text("2") and None)
    assert [path.name for path in folder.model.iterdir()] == ["two"]


def test_the_record_says_what_the_run_was(tmp_path: Path) -> None:
    folder_at(tmp_path).prepare()
    assert json.loads((tmp_path / "run.json").read_text())["settings"] == SETTINGS


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (OSError(28, "No space left on device"), True),
        (RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)"), True),
        (OSError(2, "No such file"), False),
        (ValueError("loss is nan"), False),
        (None, False),
    ],
)
def test_a_full_disk_is_known_by_number_and_by_word(error: BaseException | None, wanted: bool) -> None:
    assert is_out_of_space(error) is wanted
    outer = RuntimeError("saving failed")
    outer.__cause__ = error
    assert is_out_of_space(outer) is wanted


def test_a_run_of_an_earlier_release_is_the_same_run(tmp_path: Path) -> None:
    stored = Path(__file__).with_name("run_of_an_earlier_release.json").read_text()
    (tmp_path / "run.json").write_text(stored)
    before = json.loads(stored)
    values = {**before["settings"], "out": str(tmp_path), "license": "mit", "workers": 3}
    settings = TrainingSettings(**values)
    folder = RunFolder(tmp_path, settings.of_the_run(), before["fingerprint"])
    folder.prepare()
    newer = {"save_dtype": "", "kind": "retriever", "pointwise_weight": 0.5, "compositions": 16}
    newer |= {"compose_weight": 0.0, "compose_alpha": 1.0, "compose_beta": 0.5, "compose_orthogonal": True}
    newer |= {"query_to_doc_weight": 1.0}
    assert folder.identity["settings"] == {**before["settings"], **newer}
    other = RunFolder(tmp_path, {**settings.of_the_run(), "seed": 4}, before["fingerprint"])
    with pytest.raises(InputError, match="seed was 3, is 4"):
        other.prepare()
