"""Folders: what is read of them, and what is counted as left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.sources.documents import folder as folders
from dualview.dataset_builder.sources.documents.folder import digest_files, read_documents
from dualview.dataset_builder.sources.documents.tally import Tally


def read(root: Path) -> tuple[list[str], list[str]]:
    tally = Tally()
    return [name for name, _ in read_documents(root, tally)], tally.lines()


def test_files_come_in_the_order_of_their_names_and_the_rest_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "can_read_pdf", lambda: False)
    for name, data in {
        "b.md": b"# B\n\nText.",
        "a/z.txt": "Grün und schön, möglichst überall, müde Füße.\n".encode("latin-1") * 4,
        "page.HTML": b"<p>Words",
        "empty.md": b" \n",
        "headings.md": b"# Only\n\n## Headings\n",
        "picture.md": b"\x89PNG\0\0",
        "table.xlsx": b"PK",
        "LICENSE": b"words",
        "rows.csv": b"text",
        "paper.pdf": b"%PDF",
        ".hidden/c.md": b"Text.",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "broken.md").symlink_to(tmp_path / "nowhere")
    names, lines = read(tmp_path)
    assert names == ["a/z.txt", "b.md", "page.HTML"]
    text = "\n".join(lines)
    for said in (
        "1: empty files (empty.md)",
        "1: files without text (headings.md)",
        "1: files that are no text, or in no encoding that is recognised; save as UTF-8 (picture.md)",
        "1: files of another type, '.xlsx' (table.xlsx)",
        "1: files without a type (LICENSE)",
        "1: tables; give each as a source of its own, passages:FILE (rows.csv)",
        "1: PDF files, which need pip install 'dualview[pdf]' (paper.pdf)",
        "1: links to nothing, devices and pipes (broken.md)",
        "(a/z.txt)",
    ):
        assert said in text
    assert "hidden" not in text


def test_large_files_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_MOST_BYTES", 10)
    (tmp_path / "long.txt").write_text("more than ten bytes")
    assert read(tmp_path)[0] == []


def test_the_digest_changes_with_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one")
    before = digest_files(tmp_path)
    (tmp_path / "picture.png").write_text("is not read")
    assert digest_files(tmp_path) == before
    (tmp_path / "a.md").rename(tmp_path / "b.md")
    assert digest_files(tmp_path) != before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list any folder")
def test_a_folder_that_cannot_be_listed_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0)
    with pytest.raises(InputError, match="shut: cannot be listed"):
        read(tmp_path)
