"""Published files are those of the project, of the card and of --include; links and keys stay here."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from dualview.cards.errors import HubError
from dualview.cards.hub.selection import Selection, linked_files, select_files

KEYS = ["token.txt", "TOKEN", "id_rsa", "server.PEM", "credentials.json", "secrets.env", "client_secret.json"]
KEYS += ["own.ledger.sqlite", "ledger.sqlite-wal", "api_key.txt", "hf_token", "store.db", "a.key"]
PICKLES = ["x.pkl", "optimizer.pt", "model.ckpt"]


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def select(folder: Path, *wanted: str, include: Sequence[str] = ()) -> Selection:
    return select_files(folder, lambda path: path in wanted, include)


def test_only_what_belongs_is_published(tmp_path: Path) -> None:
    folder = write(
        tmp_path, "a/b.json", "notes.txt", "run.py", ".git/config", "wandb/log.json", *KEYS, *PICKLES
    )
    selected = select(folder, "a/b.json", "absent")
    assert [(file.path, file.source) for file in selected.files] == [("a/b.json", folder / "a" / "b.json")]
    assert selected.staying == ("notes.txt", "run.py")
    assert selected.never == tuple(sorted([".git/", "wandb/", *KEYS, *PICKLES]))


@pytest.mark.parametrize("name", [*KEYS, *PICKLES, ".env", "wandb/log.json", "__pycache__/a.json"])
def test_what_is_never_published_does_not_belong_either(tmp_path: Path, name: str) -> None:
    assert select(write(tmp_path, name), name).files == ()


def test_code_may_have_any_name(tmp_path: Path) -> None:
    names = ["token.py", "credentials.js", "secret_pages.html"]
    assert select(write(tmp_path, *names), *names).paths == set(names)


@pytest.mark.parametrize(
    ("pattern", "added"),
    [
        ("plots/*.png", {"plots/a.png"}),
        ("*.png", {"plots/a.png"}),
        ("plots", {"plots/a.png", "plots/b.txt"}),
        ("./plots/", {"plots/a.png", "plots/b.txt"}),
        ("*", {"plots/a.png", "plots/b.txt", "run.py"}),
    ],
)
def test_more_is_published_on_demand(tmp_path: Path, pattern: str, added: set[str]) -> None:
    folder = write(tmp_path, "config.json", "plots/a.png", "plots/b.txt", "run.py", ".git/config")
    assert select(folder, "config.json", include=[pattern]).paths == {"config.json", *added}


@pytest.mark.parametrize("name", [*KEYS, *PICKLES, "wandb/log.json"])
def test_a_key_is_not_published_on_demand(tmp_path: Path, name: str) -> None:
    with pytest.raises(HubError, match="never published") as error:
        select(write(tmp_path, "config.json", name), include=["*"])
    assert name.split("/")[0] in str(error.value) and "\n" not in str(error.value)


def test_a_pattern_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="no file matches --include plot"):
        select(write(tmp_path, "config.json"), include=["plot"])


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: (folder / "notes.txt").symlink_to("../id_rsa"),
        lambda folder: (folder / "notes.txt").symlink_to(folder.parent / "id_rsa"),
        lambda folder: (folder / "a").symlink_to("../elsewhere"),
        lambda folder: (folder / "notes.txt").symlink_to("../absent"),
        lambda folder: [
            (folder / "b").symlink_to("notes.txt"),
            (folder / "notes.txt").symlink_to("../id_rsa"),
        ],
        lambda folder: (write(folder, "a/x.json") / "a" / "notes.txt").symlink_to("../../id_rsa"),
    ],
)
@pytest.mark.parametrize("wanted", ["notes.txt", "config.json"])
def test_a_link_that_leaves_the_folder_ends_it(tmp_path: Path, make: object, wanted: str) -> None:
    write(tmp_path, "id_rsa", "elsewhere/x.json", "folder/config.json")
    make(tmp_path / "folder")  # type: ignore[operator]
    with pytest.raises(HubError, match="is a link that leaves the folder"):
        select(tmp_path / "folder", wanted)


def test_links_inside_the_folder(tmp_path: Path) -> None:
    folder = write(tmp_path / "folder", "real.json", "sub/x.json")
    (folder / "link.json").symlink_to("real.json")
    (folder / "sub" / "up.json").symlink_to("../real.json")
    (folder / "again").symlink_to("sub")
    (folder / "loop").symlink_to("loop")
    (folder / "nowhere").symlink_to("absent")
    selected = select(folder, "link.json", "sub/up.json", "again/x.json", "loop", "nowhere")
    assert selected.paths == {"link.json", "sub/up.json"}
    assert selected.never == ("again/", "loop", "nowhere")


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real", "config.json")
    (tmp_path / "latest").symlink_to("real")
    assert select(tmp_path / "latest", "config.json").paths == {"config.json"}


def test_a_space_may_share_public_code(tmp_path: Path) -> None:
    write(tmp_path, "trainer/ranks.py", "trainer/notes.txt", "other/x.py", "space/app.py")
    (tmp_path / "space" / "ranks.py").symlink_to("../trainer/ranks.py")
    public = [tmp_path / "trainer", tmp_path / "absent"]
    selected = select_files(tmp_path / "space", lambda path: True, public_code=public)
    assert selected.paths == {"app.py", "ranks.py"}
    for target in ("../trainer/notes.txt", "../other/x.py"):
        link = tmp_path / "space" / "link.py"
        link.symlink_to(target)
        with pytest.raises(HubError, match="leaves the folder"):
            select_files(tmp_path / "space", lambda path: True, public_code=public)
        link.unlink()


def test_pipes_and_odd_names_stay_here(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    try:
        (tmp_path / os.fsdecode(b"\xe9.json")).write_text("x")
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    selected = select_files(tmp_path, lambda path: True)
    assert selected.files == () and len(selected.never) == 2


def test_what_a_card_links_to() -> None:
    card = (
        "![x](plots/a.png) [r](report.md#top) [w](https://a.b/c.png) <img src='b.png'> [up](/etc/x) [h](#x)"
    )
    assert linked_files(card) == {"plots/a.png", "report.md", "b.png"}
