"""The page on one's own corpus shows files that exist and output that the builder prints."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from pyarrow import parquet

from dualview import cli
from tests.docs.pages import ROOT, Page

PAGE = Page("docs/own-corpus.md")
DATA = ROOT / "examples" / "data"


def build(
    command: str, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """Run a command of the page into another folder and return its last two lines, with the page's folder."""
    words = shlex.split(command)
    shown = words[words.index("--out") + 1]
    words[words.index("--out") + 1] = str(out)
    monkeypatch.chdir(ROOT)
    capsys.readouterr()
    assert cli.main(words[1:]) == 0
    captured = capsys.readouterr()
    lines = (captured.out + captured.err).replace(str(out), shown).strip().splitlines()
    return "\n".join(lines[-2:])


def rows_of(folder: Path) -> list[dict]:
    return [
        row
        for file in sorted(folder.glob("data/dual_view/*.parquet"))
        for row in parquet.read_table(file).to_pylist()
    ]


def command_with(part: str) -> str:
    (found,) = (line for block in PAGE.blocks("bash") for line in block.splitlines() if part in line)
    return found


def test_the_page_shows_the_files_of_the_examples() -> None:
    guides = (DATA / "guides.jsonl").read_text(encoding="utf-8").splitlines()
    assert "\n".join(guides[:2]) + "\n" in PAGE.blocks("json")
    assert (DATA / "guides.yaml").read_text(encoding="utf-8") in PAGE.blocks("yaml")
    first = (DATA / "sets.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert PAGE.titled_block("sets.jsonl") == first + "\n"


@pytest.mark.parametrize("file", ["guides.jsonl", "sets.jsonl"])
def test_the_builder_prints_what_the_page_says(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The second line names the folder of a training after that of the dataset.
    out = tmp_path / Path(file).stem
    printed = build(
        command_with(f"{file} --facets" if file == "guides.jsonl" else f"examples/data/{file}"),
        out,
        monkeypatch,
        capsys,
    )
    assert printed + "\n" in PAGE.blocks("text")


def test_the_pairs_of_the_page_are_those_of_the_dataset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build(command_with("guides.jsonl --facets"), tmp_path / "built", monkeypatch, capsys)
    built = {
        (row["query"], row["instruction"], row["reversed_instruction"]): tuple(
            row[side]["docid"].rsplit("-", 1)[1] for side in ("positive", "reversed_positive")
        )
        for row in rows_of(tmp_path / "built")
    }
    shown = re.findall(r"^\| (restore .*?) \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", PAGE.text, re.MULTILINE)
    assert len(shown) == 3
    for query, instruction, passage, opposite, other in shown:
        assert built[query, instruction, opposite] == (passage.lower(), other.lower())


def test_written_views_build_as_the_page_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = PAGE.titled_block("views.jsonl")
    (tmp_path / "views.jsonl").write_text(block, encoding="utf-8")
    command = command_with("--source views.jsonl").replace("views.jsonl", str(tmp_path / "views.jsonl"))
    build(command, tmp_path / "built", monkeypatch, capsys)
    rows = rows_of(tmp_path / "built")
    asked = {row["instruction"] for row in rows} | {row["reversed_instruction"] for row in rows}
    assert asked == {view["instruction"] for view in json.loads(block)["views"]}
    assert len(rows) == 4 and {row["source"] for row in rows} == {"views"}


def test_passages_with_attributes_build_as_the_page_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = PAGE.titled_block("passages.jsonl")
    (tmp_path / "passages.jsonl").write_text(block, encoding="utf-8")
    command = command_with("--source passages.jsonl").replace(
        "passages.jsonl", str(tmp_path / "passages.jsonl")
    )
    build(command, tmp_path / "built", monkeypatch, capsys)
    passages = {json.loads(line)["id"] for line in block.splitlines()}
    assert {row["positive"]["docid"] for row in rows_of(tmp_path / "built")} <= passages
    assert len(rows_of(tmp_path / "built")) >= 3


def test_describing_prints_what_the_page_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert cli.main(shlex.split(command_with("--describe"))[1:]) == 0
    assert capsys.readouterr().out.strip() + "\n" in PAGE.blocks("text")
