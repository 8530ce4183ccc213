"""The last line of a build is the command that trains on it, and every folder that it names loads."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from dualview.trainer import train
from dualview.trainer.settings import parsing
from tests.dataset_builder.building import Make, build

# Names that shells, patterns or addresses read in their own way.
NAMES = (
    "plain",
    "a b/ünï 名 \U0001f600",
    'it\'s "quoted"',
    "a{b,c}",
    ".hidden",
    "a%20b#c!d&e",
    "hf:x",
    "__dunder__",
    "a.zip",
    "a$",
    "x" * 200,
)


@pytest.fixture
def source(set_line: Make, write_jsonl: Make) -> Path:
    path: Path = write_jsonl([set_line(number) for number in range(12)])
    return path


@pytest.mark.parametrize("name", NAMES)
def test_the_next_command_trains_on_the_dataset(
    name: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert build("--source", source, "--out", name) == 0
    hint = capsys.readouterr().err.splitlines()[-1]
    words = shlex.split(hint.removeprefix("Next: "))
    assert words[:2] == ["dualview", "train"]
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    settings = parsing.settings_of(parser.parse_args(words[2:]))
    assert settings.dataset == [name] and str(settings.out).startswith("runs/")
    assert load_dataset(name, cache_dir=str(tmp_path / "cache"))["train"].num_rows > 0


def test_a_name_that_cannot_be_typed_gets_no_command(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert build("--source", source, "--out", "a\nerror: b") == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(r"a\nerror: b: ")


def test_a_name_that_begins_with_a_dash_is_no_option(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert build("--source", source, "--out=-x") == 0
    assert "--dataset ./-x --out runs/-x-minilm" in capsys.readouterr().err


def test_a_home_folder_is_written_out(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert build("--source", source, "--out", "~/made", "--origin", "~no user: text") == 0
    assert f"--dataset {tmp_path}/made " in capsys.readouterr().err
    assert (tmp_path / "made" / "README.md").is_file()
