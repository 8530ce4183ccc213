"""Builds from text that came without queries, as a user runs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from tests.dataset_builder.building import build, digests

Make = Callable[..., Any]
HEADINGS = ("Price", "Cleaning", "History", "Repair")
PEOPLE = ("Clara Vogt", "Emil Lund", "Nora Hess", "Ivo Katz")


@pytest.fixture
def guides(tmp_path: Path) -> Path:
    """A folder of documents, each with four sections about four persons, and of files that are no text."""
    folder = tmp_path / "guides"
    folder.mkdir()
    for number in range(24):
        sections = "\n\n".join(
            f"## {heading}\n\nThe workshop of {person}{number} does it, says {person}{number} in the leaflet."
            for heading, person in zip(HEADINGS, PEOPLE, strict=True)
        )
        (folder / f"kettle-{number:02}.md").write_text(f"# Kettle K{number}\n\n{sections}\n")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\0")
    (folder / "empty.md").write_text("\n")
    return folder


def test_a_folder_needs_nothing_but_its_name(guides: Path, tmp_path: Path, capsys: Any) -> None:
    assert build("--source", f"passages:{guides}", "--out", tmp_path / "out") == 0
    said = capsys.readouterr().err
    for line in (
        "guides: taken to be in the language 'en'; --language names another.",
        "guides: 24 files gave 96 passages.",
        "guides: 96 passages under headings, in 24 topics.",
        "guides: left out 1: empty files (empty.md).",
        "guides: left out 1: files of another type, '.jpg' (photo.jpg).",
        "Next: dualview train --recipe minilm",
    ):
        assert line in said
    rows = [
        row
        for split in load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache")).values()
        for row in split
    ]
    assert {row["writer"]["kind"] for row in rows} == {"facets", "contrasts"}
    for row in rows:
        assert row["query"].find("Kettle K") >= 0 and row["source"] == "guides"
        if row["writer"]["kind"] == "facets":
            heading = row["positive"]["title"].split(": ")[1]
            other = row["reversed_positive"]["title"].split(": ")[1]
            said = (row["instruction"] + row["reversed_instruction"]).lower()
            assert heading != other and (heading.lower() in said or other.lower() in said)
    recipe = json.loads((tmp_path / "out" / "recipe.json").read_text())
    assert list(recipe["sources"][0]["sha256"]) == ["guides"]


def test_the_same_folder_gives_the_same_bytes(guides: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert build("--source", f"passages:{guides}", "--out", tmp_path / name, "--seed", "5") == 0
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_items_without_a_pair_are_counted_with_their_reason(
    write_jsonl: Make, tmp_path: Path, capsys: Any
) -> None:
    rows = [
        {
            "title": f"Harbour of Town{group}",
            "text": f"The port was drawn by {name}{group}, and {name}{group} knew it.",
        }
        for group in range(20)
        for name in PEOPLE
    ]
    same = ("It was here in {}.", "In {} it was here.")
    rows += [
        {"title": f"Mayor of Village{group}", "text": text.format(group)}
        for group in range(5)
        for text in same
    ]
    assert (
        build("--source", f"passages:{write_jsonl(rows)}", "--language", "en", "--out", tmp_path / "out") == 0
    )
    assert "of 25 items gave no pair (" in capsys.readouterr().err
    statistics = json.loads((tmp_path / "out" / "statistics.json").read_text())
    assert statistics["items_without_pairs_by_reason"]["no_contrast"] >= 5


def test_a_language_without_a_table_says_so_and_takes_what_needs_none(
    write_jsonl: Make, tmp_path: Path, capsys: Any
) -> None:
    rows = [
        {
            "title": f"Kaupunki{group}",
            "text": f"Sataman piirsi {name}{group} vuonna {1900 + 7 * place + group}.",
        }
        for group in range(30)
        for place, name in enumerate(PEOPLE)
    ]
    flags = ["--source", f"passages:{write_jsonl(rows)}", "--language", "fi", "--out", tmp_path / "out"]
    assert build(*flags) == 0
    assert "'fi' has no table of words; names, years and numbers are used" in capsys.readouterr().err
