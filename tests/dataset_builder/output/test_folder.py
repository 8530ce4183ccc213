"""The folder of a dataset appears whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.output.folder import output_folder
from dualview.dataset_builder.output.publish_dataset import dataset_upload
from dualview.dataset_builder.output.staging import BUILDER, RECIPE, find_replaced

_OLD = {"builder": BUILDER}


def build(target: Path, overwrite: bool = False, **files: str) -> None:
    with output_folder(target, overwrite) as folder:
        (folder / RECIPE).write_text(json.dumps(_OLD))
        for name, text in files.items():
            (folder / name).write_text(text)


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".dualview-building")
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_the_folder_appears_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "new" / "runs" / "dataset"
    with output_folder(target, overwrite=False) as folder:
        (folder / "file").write_text("text")
        assert not target.exists()
    assert contents(tmp_path) == {"new/runs/dataset/file": "text"}


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, InputError])
def test_nothing_is_left_of_a_build_that_fails(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), output_folder(tmp_path / "new" / "dataset", overwrite=False) as folder:
        (folder / "data").mkdir()
        (folder / "data" / "half").write_text("half")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    target = tmp_path / "dataset"
    target.mkdir()
    build(target, file="text")
    assert contents(target)["file"] == "text"


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_others_put_there_is_never_replaced(tmp_path: Path, overwrite: bool) -> None:
    target = tmp_path / "dataset"
    for name, text in (("thesis.txt", "years of work"), (RECIPE, '{"builder": "another"}'), (RECIPE, "[1]")):
        target.mkdir(exist_ok=True)
        (target / name).write_text(text)
        with pytest.raises(InputError) as caught:
            build(target, overwrite)
        assert str(caught.value).startswith(str(target)) and "\n" not in str(caught.value)
        assert contents(tmp_path)[f"dataset/{name}"] == text


def test_a_dataset_is_replaced_only_on_request(tmp_path: Path) -> None:
    target = tmp_path / "dataset"
    build(target, old="old")
    with pytest.raises(InputError, match=r"is not empty; .* --overwrite"):
        build(target, new="new")
    assert "old" in contents(target)
    build(target, overwrite=True, new="new")
    assert contents(tmp_path) == {f"dataset/{RECIPE}": json.dumps(_OLD), "dataset/new": "new"}


def test_a_failed_replacement_leaves_the_old_dataset(tmp_path: Path) -> None:
    target = tmp_path / "dataset"
    build(target, old="old")
    before = contents(tmp_path)
    with pytest.raises(KeyboardInterrupt), output_folder(target, overwrite=True) as folder:
        (folder / "new").write_text("half")
        raise KeyboardInterrupt
    assert contents(tmp_path) == before


def test_the_old_card_is_there_for_what_was_written_by_hand(tmp_path: Path) -> None:
    target = tmp_path / "dataset"
    build(target, **{"README.md": "the old card"})
    with output_folder(target, overwrite=True) as folder:
        assert contents(folder) == {"README.md": "the old card"}


def left_over(tmp_path: Path) -> Path:
    """Return the temporary folder of a build that is at work and never ends."""
    (folder,) = (path for path in tmp_path.iterdir() if path.name.startswith(".dataset.building-"))
    return folder


def kill_between_renames(target: Path, monkeypatch: pytest.MonkeyPatch, renames: int) -> None:
    """End a replacement after some of its renames, without any cleaning up."""
    rename, done = Path.rename, []

    def rename_and_die(path: Path, to: Path) -> Path:
        rename(path, to)
        done.append(to)
        if len(done) == renames:
            raise SystemExit(9)
        return to

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename_and_die)
        patched.setattr("shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(SystemExit):
            build(target, overwrite=True, new="new")


def test_a_killed_build_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "dataset"
    with (
        monkeypatch.context() as patched,
        pytest.raises(KeyboardInterrupt),
        output_folder(target, False) as folder,
    ):
        (folder / "half").write_text("half")
        patched.setattr("shutil.rmtree", lambda *_, **__: None)
        raise KeyboardInterrupt
    assert (left_over(tmp_path) / "half").is_file()
    build(target, file="text")
    assert sorted(contents(tmp_path)) == ["dataset/file", f"dataset/{RECIPE}"]


@pytest.mark.parametrize("name", [".dataset.building", ".dataset.replaced", ".dataset.building-1a2b3c4d"])
def test_a_folder_without_our_mark_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "precious.txt").write_text("precious")
    build(tmp_path / "dataset", file="text")
    assert contents(tmp_path)[f"{name}/precious.txt"] == "precious"


@pytest.mark.parametrize("role", ["building", "replaced"])
def test_a_link_is_never_followed(tmp_path: Path, role: str) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "precious.txt").write_text("precious")
    (victim / ".dualview-building").write_text("")
    (victim / RECIPE).write_text(json.dumps(_OLD))
    for name in (f".dataset.{role}", f".dataset.{role}-1a2b3c4d"):
        (tmp_path / name).symlink_to(victim)
    build(tmp_path / "dataset", file="text")
    assert contents(victim)["precious.txt"] == "precious"


def test_a_replacement_cut_off_between_its_two_renames_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "dataset"
    build(target, old="old")
    kill_between_renames(target, monkeypatch, 1)
    assert not target.exists() and find_replaced(target)
    with pytest.raises(InputError, match=r"a build was stopped while it replaced this dataset.*\.replaced-"):
        dataset_upload(target, "org/dataset")
    with pytest.raises(InputError, match="is not empty"):
        build(target)
    assert contents(target)["old"] == "old"


def test_a_replacement_cut_off_before_its_last_step_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "dataset"
    build(target, old="old")
    kill_between_renames(target, monkeypatch, 2)
    build(target, overwrite=True, newer="newer")
    assert contents(tmp_path) == {f"dataset/{RECIPE}": json.dumps(_OLD), "dataset/newer": "newer"}


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/", "is the root"),
        ("a[1]", "load_dataset cannot read .* '\\['"),
        ("b*/c", "'\\*' in its path"),
        ("a::b", "'::' in its path"),
        ("$HOME/a", r"'\$H' in its path"),
        ("a${x}", r"'\${' in its path"),
        ("~nosuchuser/a", "names no user's home folder"),
    ],
)
def test_a_place_that_cannot_work_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        build(Path(target))
    assert list(tmp_path.iterdir()) == []


def test_a_mount_point_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.ismount", lambda path: path == tmp_path)
    with pytest.raises(InputError, match=r"is a mount point.*; name a folder in it, such as .*dataset"):
        build(tmp_path)


def test_two_builds_into_one_folder_do_not_mix(tmp_path: Path) -> None:
    target = tmp_path / "dataset"
    with output_folder(target, overwrite=False) as folder:
        (folder / "file").write_text("first")
        with pytest.raises(InputError, match="another build is writing"):
            build(target, file="second")
        assert contents(folder) == {"file": "first"}
    assert contents(target) == {"file": "first"}


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(InputError, match="is a file; name a folder"):
        build(tmp_path / "file")
    with pytest.raises(InputError, match="cannot be written"):
        build(tmp_path / "file" / "dataset")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_without_permission_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError, match=r"cannot be written .Permission denied"):
            build(tmp_path / "dataset")
    finally:
        tmp_path.chmod(0o700)


def test_a_place_where_nothing_can_be_made_is_said() -> None:
    with pytest.raises(InputError, match="cannot be written"):
        build(Path("/proc/dataset"))


def test_a_path_that_is_no_utf_8_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9")
    odd.mkdir()
    monkeypatch.chdir(odd)
    with pytest.raises(InputError, match="whose path is not UTF-8 text"), output_folder(Path("new"), False):
        pass
    assert not any(odd.iterdir())
