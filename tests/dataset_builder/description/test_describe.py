"""``--describe``: what a source has, and a starter table that builds as it is."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dualview.dataset_builder.description.field_counts import count_fields
from dualview.dataset_builder.json_rows import Row
from tests.dataset_builder.building import build

Make = Callable[..., Any]


def guides() -> list[dict[str, Any]]:
    return [
        {
            "id": f"{task} {platform}",
            "task": task,
            "platform": platform,
            "reviewed": 2020 + number,
            "meta": {"draft": False},
            "text": f"This page says how to {task} on {platform}, step by step, with all of the screens.",
        }
        for task in ("export all notes", "share a note", "restore a note", "print a note")
        for number, platform in enumerate(("Android", "iPhone", "Windows"))
    ]


def test_fields_are_counted_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Row("", {"a": number, "b": ["x", "y"], "c": {"d": "word " * 30}}) for number in range(6000)]
    count, fields = count_fields(rows)
    assert count == 6000 and list(fields) == ["a", "b", "c.d"]
    assert fields["a"].many and len(fields["a"].values) == 5000 and fields["a"].is_number
    assert fields["b"].several == 6000 and fields["b"].comes_again
    assert fields["c.d"].is_text and not fields["c.d"].values


def test_fields_values_and_counts_are_printed(write_jsonl: Make, capsys: Any) -> None:
    path = write_jsonl(guides())
    assert build("--describe", "--source", f"passages:{path}") == 0
    shown = capsys.readouterr().out
    assert f"{path}: 12 rows" in shown
    lines = {line.split()[0]: " ".join(line.split()) for line in shown.splitlines() if line.startswith("  ")}
    assert lines["platform"] == "platform 12 3 Android (4), Windows (4), iPhone (4)"
    assert lines["reviewed"] == "reviewed 12 3 2020 (4), 2021 (4), 2022 (4)"
    assert lines["text"].startswith("text 12 12 texts of about 1")
    assert lines["meta.draft"] == "meta.draft 12 1 false (12)"


def test_the_starter_table_builds_as_it_is(write_jsonl: Make, tmp_path: Path, capsys: Any) -> None:
    path, table = write_jsonl(guides()), tmp_path / "table.yaml"
    assert build("--describe", "--source", path, "--starter-table", table) == 0
    assert f"attributed:{path} --facets {table}" in capsys.readouterr().err
    assert "group_by:\n  - field: task" in table.read_text()
    for number, name in enumerate(("attributed", "passages")):
        assert build("--source", f"{name}:{path}", "--facets", table, "--out", tmp_path / f"out{number}") == 0
    statistics = json.loads((tmp_path / "out0" / "statistics.json").read_text())
    assert set(statistics["levers"]) == {"platform", "reviewed"}


def test_the_command_after_a_starter_table_can_be_pasted(
    write_jsonl: Make, tmp_path: Path, capsys: Any
) -> None:
    """Also for a folder in BEIR's layout, and where a name has a space."""
    (tmp_path / "my notes").mkdir()
    write_jsonl(guides(), "my notes/corpus.jsonl")
    table = tmp_path / "table.yaml"
    assert build("--describe", "--source", f"beir:{tmp_path / 'my notes'}", "--starter-table", table) == 0
    command = shlex.split(capsys.readouterr().err.rpartition("dualview build ")[2])
    assert command[:2] == ["--source", f"attributed:{tmp_path / 'my notes' / 'corpus.jsonl'}"]
    assert build(*command[:4], "--out", tmp_path / "out") == 0


def test_a_folder_is_described_by_its_front_matter(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(
        "---\nplatform: Android\n---\n# A\n\n## Price\n\nIt costs five euros a year."
    )
    (tmp_path / "docs" / "b.png").write_bytes(b"\0")
    assert build("--describe", "--source", f"passages:{tmp_path / 'docs'}") == 0
    shown = capsys.readouterr().out
    assert (
        "Android (1)" in shown
        and "Price (1)" in shown
        and "left out 1: files of another type, '.png'" in shown
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--describe", "--source", "none"], "--describe: none is no table, folder or data set that exists"),
        (["--describe", "--source", "seeds"], "seeds is no table, folder or data set that exists"),
        (["--source", "seeds"], "--out: is missing"),
        (["--source", "seeds", "--starter-table", "x.yaml"], "--starter-table: is written by --describe"),
        (["--describe", "--source", "own.jsonl", "--starter-table", "own.jsonl"], "own.jsonl: exists"),
        (
            ["--describe", "--source", "passages:docs", "--starter-table", "t.yaml"],
            "--facets describes a table in a file, and passages:docs is none",
        ),
        (
            ["--describe", "--source", "texts.jsonl", "--starter-table", "t.yaml"],
            "no field has values that several",
        ),
    ],
)
def test_what_cannot_be_described_is_one_line(
    flags: list[str], said: str, write_jsonl: Make, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    write_jsonl(guides())
    (tmp_path / "docs").mkdir()
    write_jsonl([{"text": f"Text {number}."} for number in range(3)], "texts.jsonl")
    assert build(*flags) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "t.yaml").exists()
