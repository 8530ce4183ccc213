"""Spaces on the Hub: the folder with its sub-folders, its card, and the SDK that the Hub runs it with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi, SpaceCard

from dualview.cards.__main__ import main
from dualview.cards.errors import HubError
from dualview.cards.hub.space_upload import space_upload
from tests.hub.clients import ROOT, contents, titles
from tests.hub.loopback.state import Hub

README = """---
title: A Space
emoji: 🔁
colorFrom: indigo
colorTo: yellow
sdk: gradio
sdk_version: 6.31.0
python_version: "3.11"
app_file: app.py
---

# A Space
"""


def files_of(folder: Path) -> set[str]:
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return {
        path.as_posix() for path in paths if "__pycache__" not in path.parts and not path.name.startswith(".")
    }


def write_space(folder: Path, readme: str = README) -> Path:
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(readme, encoding="utf-8")
    (folder / "app.py").write_text("import gradio\n")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "app.pyc").write_bytes(b"x")
    return folder


@pytest.mark.parametrize("name", ["instruction_flip", "p_mrr"])
def test_our_spaces_are_uploaded_as_they_are(connected: Hub, api: HfApi, capsys: Any, name: str) -> None:
    folder = ROOT / "spaces" / name
    command = ["publish-space", str(folder), "--repo-id", f"org/{name}", "--model", "org/dualview-305m"]
    assert main(command) == 0, capsys.readouterr().err
    assert capsys.readouterr().out.startswith(f"{connected.url}/spaces/org/{name}/commit/")
    info = api.space_info(f"org/{name}")
    assert info.sdk == "gradio" and info.private
    there = contents(connected, "spaces", f"org/{name}")
    assert there.keys() - {".gitattributes"} == files_of(folder)
    for path in files_of(folder) - {"README.md"}:
        assert there[path] == (folder / path).read_bytes()
    own, card = SpaceCard.load(folder / "README.md"), SpaceCard(there["README.md"].decode())
    assert card.data.models == ["org/dualview-305m"]
    for field in ("title", "sdk", "sdk_version", "python_version", "app_file", "license"):
        assert card.data[field] == own.data[field]
    assert own.text.strip() in card.text
    if own.data.get("thumbnail"):
        assert card.data.thumbnail == f"{connected.url}/spaces/org/{name}/resolve/main/thumbnail.png"
        assert card.data.preload_from_hub == ["org/dualview-305m"]
    before = titles(connected, "spaces", f"org/{name}")
    assert main(command) == 0
    assert titles(connected, "spaces", f"org/{name}") == before == [f"Publish {name}", "initial commit"]


def test_sub_folders_are_uploaded_without_caches(tmp_path: Path) -> None:
    folder = write_space(tmp_path / "demo")
    package = folder / "lib" / "inner"
    (package / "__pycache__").mkdir(parents=True)
    (package / ".mypy_cache").mkdir()
    for name in ("module.py", "page.css", "__pycache__/module.cpython-311.pyc", ".mypy_cache/x.json"):
        (package / name).write_text("")
    paths = {file.path for file in space_upload(folder, "org/demo").files}
    assert paths == {"README.md", "app.py", "lib/inner/module.py", "lib/inner/page.css"}


def test_files_of_an_earlier_version_are_deleted_in_sub_folders_too(connected: Hub, tmp_path: Path) -> None:
    folder = write_space(tmp_path / "demo")
    (folder / "lib").mkdir()
    for name in ("old.py", "lib/old.js"):
        (folder / name).write_text("")
    command = ["publish-space", str(folder), "--repo-id", "org/demo"]
    assert main(command) == 0
    (folder / "old.py").unlink()
    (folder / "lib" / "old.js").rename(folder / "lib" / "new.js")
    assert main(command) == 0
    there = contents(connected, "spaces", "org/demo").keys() - {".gitattributes"}
    assert there == {"README.md", "app.py", "lib/new.js"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: A Space\n", "", "has no title"),
        ("sdk: gradio\n", "", "has no sdk"),
        ("sdk: gradio", "sdk: flask", "sdk is 'flask'"),
        ("sdk_version: 6.31.0", "sdk_version: latest", "write one, such as"),
        ("app_file: app.py", "app_file: main.py", "app_file is 'main.py'"),
        ("title:", "title: [", "metadata cannot be read"),
    ],
)
def test_a_space_that_the_hub_could_not_run(tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = write_space(tmp_path / "demo", README.replace(old, new))
    with pytest.raises(HubError, match=message) as error:
        space_upload(folder, "org/demo")
    assert "\n" not in str(error.value) and "README.md" in str(error.value)


def test_only_files_of_a_space_are_uploaded(tmp_path: Path) -> None:
    folder = write_space(tmp_path / "demo", README + "\n![x](notes/plot.pdf)\n")
    for name in (
        "requirements.txt",
        "notes.txt",
        "notes/plot.pdf",
        "credentials.json",
        "venv/lib/x.py",
        "a.pkl",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    upload = space_upload(folder, "org/demo")
    assert {file.path for file in upload.files} == {
        "README.md",
        "app.py",
        "requirements.txt",
        "notes/plot.pdf",
    }
    assert upload.staying == ("notes.txt",)
    assert upload.never == ("__pycache__/", "a.pkl", "credentials.json", "venv/")
    assert "notes.txt" in {
        file.path for file in space_upload(folder, "org/demo", include=["notes.txt"]).files
    }


def test_a_placeholder_for_the_model_is_refused(connected: Hub, capsys: Any) -> None:
    folder = ROOT / "spaces" / "instruction_flip"
    assert main(["publish-space", str(folder), "--repo-id", "org/flip"]) == 2
    error = capsys.readouterr().err
    assert "org/dualview-minilm is a placeholder; add --model" in error and connected.seen == []


def test_a_model_that_is_no_id(tmp_path: Path) -> None:
    folder = write_space(tmp_path / "demo")
    with pytest.raises(HubError, match="'my model' is not an id"):
        space_upload(folder, "org/demo", models=["my model"])
