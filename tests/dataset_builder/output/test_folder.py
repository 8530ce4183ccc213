"""The folder of a dataset appears whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.output.folder import BUILDER, RECIPE, output_folder

_OLD = {"builder": BUILDER}


def build(target: Path, overwrite: bool = False, **files: str) -> None:
    with output_folder(target, overwrite) as folder:
        (folder / RECIPE).write_text(json.dumps(_OLD))
        for name, text in files.items():
            (folder / name).write_text(text)


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


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


def test_a_killed_build_is_swept_away_by_the_next(tmp_path: Path) -> None:
    killed = tmp_path / ".dataset.building"
    (killed / "data").mkdir(parents=True)
    (killed / "data" / "half").write_text("half")
    build(tmp_path / "dataset", file="text")
    assert sorted(contents(tmp_path)) == ["dataset/file", f"dataset/{RECIPE}"]


def test_a_replacement_cut_off_between_its_two_renames_is_undone(tmp_path: Path) -> None:
    target = tmp_path / "dataset"
    build(target, old="old")
    target.rename(tmp_path / ".dataset.replaced")
    with pytest.raises(InputError, match="is not empty"):
        build(target)
    assert contents(target)["old"] == "old"
    # The same, cut off before the last step: the new one is in place.
    (tmp_path / ".dataset.replaced").mkdir()
    build(target, overwrite=True, new="new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dataset"]


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
