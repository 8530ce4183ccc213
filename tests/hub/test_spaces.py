"""Spaces: the folder as it is, with its card, what it bundles, and the SDK that the Hub runs it with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi, SpaceCard

from dualview.cards.__main__ import main
from dualview.cards.errors import HubError
from dualview.cards.hub.space_upload import BUNDLE, space_upload
from tests.hub.clients import ROOT, contents, titles
from tests.hub.state import Hub

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
    bundled = json.loads((folder / BUNDLE).read_text()) if (folder / BUNDLE).exists() else {}
    assert there.keys() - {".gitattributes"} == (files_of(folder) | bundled.keys()) - {BUNDLE}
    for path in files_of(folder) - {"README.md", BUNDLE}:
        assert there[path] == (folder / path).read_bytes()
    own, card = SpaceCard.load(folder / "README.md"), SpaceCard(there["README.md"].decode())
    assert card.data.models == ["org/dualview-305m"]
    for field in ("title", "sdk", "sdk_version", "python_version", "app_file", "license"):
        assert card.data[field] == own.data[field]
    assert own.text.strip() in card.text
    before = titles(connected, "spaces", f"org/{name}")
    assert main(command) == 0
    assert titles(connected, "spaces", f"org/{name}") == before == [f"Publish {name}", "initial commit"]


def test_what_a_bundle_names_comes_along(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    folder = write_space(checkout / "spaces" / "demo")
    (checkout / "setup.cfg").write_text("")
    (checkout / "trainer").mkdir()
    (checkout / "trainer" / "metrics.py").write_text("shared = 1\n")
    (folder / BUNDLE).write_text('{"lib/metrics.py": "trainer/metrics.py"}')
    files = {file.path: file.source for file in space_upload(folder, "org/demo").files}
    assert files.keys() == {"README.md", "app.py", "lib/metrics.py"}
    assert isinstance(files["lib/metrics.py"], Path)
    assert files["lib/metrics.py"].read_text() == "shared = 1\n"


@pytest.mark.parametrize(
    ("bundle", "message"),
    [
        ("{", "not readable JSON"),
        ("[1]", "must map names"),
        ('{"a.py": 1}', "must map names"),
        ('{"a.py": "absent.py"}', "no file 'absent.py'"),
        ('{"a.py": "../outside.py"}', r"no file '../outside.py'"),
        ('{"../a.py": "setup.cfg"}', "outside the Space"),
        ('{"app.py": "setup.cfg"}', "file of the folder too"),
    ],
)
def test_a_bundle_that_cannot_be(tmp_path: Path, bundle: str, message: str) -> None:
    (tmp_path / "outside.py").write_text("")
    folder = write_space(tmp_path / "checkout" / "spaces" / "demo")
    (tmp_path / "checkout" / "setup.cfg").write_text("")
    (folder / BUNDLE).write_text(bundle)
    with pytest.raises(HubError, match=message) as error:
        space_upload(folder, "org/demo")
    assert "\n" not in str(error.value) and BUNDLE in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: A Space\n", "", "names no title"),
        ("sdk: gradio\n", "", "names no sdk"),
        ("sdk: gradio", "sdk: flask", "sdk is 'flask'"),
        ("sdk_version: 6.31.0", "sdk_version: latest", "pin it"),
        ("app_file: app.py", "app_file: main.py", "app_file is 'main.py'"),
        ("title:", "title: [", "metadata cannot be read"),
    ],
)
def test_a_space_that_the_hub_could_not_run(tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = write_space(tmp_path / "demo", README.replace(old, new))
    with pytest.raises(HubError, match=message) as error:
        space_upload(folder, "org/demo")
    assert "\n" not in str(error.value) and "README.md" in str(error.value)


def test_a_model_that_is_no_id(tmp_path: Path) -> None:
    folder = write_space(tmp_path / "demo")
    with pytest.raises(HubError, match="'my model' is no id"):
        space_upload(folder, "org/demo", models=["my model"])
