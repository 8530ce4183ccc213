"""A run's folder: one training at a time, of one base model, whatever a killed start left in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dualview.cards.errors import InputError
from dualview.trainer.runs.run_folder import RunFolder
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.encoders.base_kinds import make_base


def test_a_second_training_is_refused_until_the_first_has_ended(
    settings_for: Callable[..., TrainingSettings],
) -> None:
    settings = settings_for(max_steps=1, evaluations=0)
    with RunFolder(Path(settings.out), {}, "f").reserved(), pytest.raises(InputError) as caught:
        train(settings)
    assert "another training is writing to it" in str(caught.value)
    (Path(settings.out) / "run.json").unlink()
    assert train(settings).is_dir()


def test_a_refused_folder_of_somebody_else_gets_no_file(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_text("")
    with pytest.raises(InputError, match="no training run made it"), RunFolder(tmp_path, {}, "f").reserved():
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


@pytest.mark.parametrize("content", ["", "{"])
def test_what_a_killed_start_left_does_not_lock_the_folder(tmp_path: Path, content: str) -> None:
    for name in (".run.json.12122", ".lock"):
        (tmp_path / name).write_text(content)
    with RunFolder(tmp_path, {}, "f").reserved():
        assert (tmp_path / "run.json").is_file()


def test_a_full_disk_at_the_start_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *args: object, **kwargs: object) -> None:
        self.touch()
        raise OSError(28, "No space left on device")

    folder = RunFolder(tmp_path, {}, "f")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(InputError, match="No space left"):
            folder.prepare()
    assert list(tmp_path.iterdir()) == []
    folder.prepare()


def test_another_base_at_the_same_path_is_another_run(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base("bert", tmp_path / "base")
    settings = settings_for(model=str(base), max_steps=1, evaluations=0)
    model = train(settings)
    before = (model / "model.safetensors").read_bytes()
    copy = tmp_path / "copy"
    shutil.copytree(base, copy)
    shutil.rmtree(base)
    make_base("cls and normalize", base)
    with pytest.raises(InputError, match="the base model changed"):
        train(settings)
    assert (model / "model.safetensors").read_bytes() == before
    # The same base elsewhere is the same run.
    assert train(settings_for(model=str(copy), max_steps=1, evaluations=0)) == model
    assert (model / "model.safetensors").read_bytes() == before


def test_a_run_of_an_earlier_release_counts_the_name_of_its_base(tmp_path: Path) -> None:
    RunFolder(tmp_path, {"model": "a"}, "f").prepare()
    RunFolder(tmp_path, {"model": "a"}, "f", base="0123").prepare()
    with pytest.raises(InputError, match="model was 'a', is 'b'"):
        RunFolder(tmp_path, {"model": "b"}, "f", base="0123").prepare()
