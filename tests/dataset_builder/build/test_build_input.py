"""Bad files, flags and commands: one clear line, and nothing is left behind."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.__main__ import main
from dualview.dataset_builder.api import build_dataset
from dualview.dataset_builder.sources.open_sources import arguments_of
from tests.dataset_builder.building import Make, build, digests

BAD_FILES: dict[str, tuple[Callable[[dict[str, Any]], str | bytes], str]] = {
    "not JSON": (lambda good: json.dumps(good) + "\n{", "own.jsonl, line 2: is not JSON"),
    "key twice": (
        lambda good: json.dumps(good)[:-1] + ', "query": "another"}',
        "own.jsonl, line 1: has the key 'query' twice",
    ),
    "missing field": (lambda good: json.dumps({**good, "query": None}), "line 1: lacks the field 'query'"),
    "one passage": (
        lambda good: json.dumps({**good, "instruction_negatives": []}),
        "line 1: the set has one passage",
    ),
    "equal passages": (
        lambda good: json.dumps({**good, "instruction_negatives": [good["positive"]]}),
        "line 1: the passages 'set-1-0' and 'set-1-1' have the same text",
    ),
    "same id": (lambda good: f"{json.dumps(good)}\n{json.dumps(good)}", "own.jsonl, line 2: has the id of"),
    "long line": (lambda good: "x" * 10_000_000, "line 1: is longer than 8,388,608 characters"),
    "encoding": (lambda good: json.dumps(good).encode("utf-16-le"), "save the file as UTF-8"),
    "half a character": (lambda good: json.dumps({**good, "query": "\ud83d"}), "half of a surrogate pair"),
    "empty file": (lambda good: "", "own.jsonl: is empty"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_one_line_and_leaves_nothing(
    name: str, set_line: Make, tmp_path: Path, capsys: Any
) -> None:
    make, said = BAD_FILES[name]
    content = make(set_line())
    path = tmp_path / "own.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    must_fail(["--source", str(path), "--out", str(tmp_path / "new" / "dataset")], said, tmp_path, capsys)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--source", "none.jsonl"], "none.jsonl: cannot be read (no such file)"),
        (["--source", "sedes"], "unknown source 'sedes'"),
        (["--source", "seeds:all"], "unknown part 'all'"),
        (["--writer", "facets"], "takes candidate set 'set-1'; add --writer replay"),
        (["--out", "full"], "full: is not empty"),
        (["--out", "full", "--overwrite"], "full: holds something that this builder did not write"),
        (["--out", "full/thesis.txt"], "thesis.txt: is a file"),
        (["--out", "/proc/dataset"], "/proc/dataset: cannot be written"),
        (["--test-share", "0.95"], "--test-share 0.95"),
    ],
)
def test_a_bad_flag_is_one_line_and_leaves_nothing(
    flags: list[str],
    said: str,
    set_line: Make,
    write_jsonl: Make,
    tmp_path: Path,
    monkeypatch: Any,
    capsys: Any,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    source = [] if "--source" in flags else ["--source", str(write_jsonl([set_line()]))]
    out = [] if "--out" in flags else ["--out", "new/dataset"]
    must_fail([*source, *out, *flags], said, tmp_path, capsys)


def test_an_item_that_no_writer_takes_names_one_that_does(
    set_line: Make, write_jsonl: Make, tmp_path: Path, capsys: Any
) -> None:
    source = write_jsonl([set_line(reversals=[])])
    flags = ["--source", str(source), "--writer", "replay", "--out", str(tmp_path / "new" / "dataset")]
    said = "takes candidate set 'set-1' without recorded reversals; add --writer contrasts"
    must_fail(flags, said, tmp_path, capsys)


def must_fail(flags: list[str], said: str, folder: Path, capsys: Any) -> None:
    before = digests(folder)
    assert build(*flags) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.startswith("error: ") and shown.err.count("\n") == 1
    assert said in shown.err
    assert digests(folder) == before and not (folder / "new").exists()


def test_a_build_of_which_nothing_is_accepted_is_refused(
    set_line: Make, write_jsonl: Make, tmp_path: Path, capsys: Any
) -> None:
    reversal = {"target": 0, "lever": "format", "instruction": "One. Two. Three."}
    source = write_jsonl([set_line(number, reversals=[reversal]) for number in range(3)])
    assert build("--source", source, "--out", tmp_path / "dataset") == 2
    assert "none of 3 items gave a pair of instructions (too_many_sentences 3)" in capsys.readouterr().err
    assert not (tmp_path / "dataset").exists()


def test_a_source_is_known_by_its_name_wherever_one_is(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "seeds").touch()
    monkeypatch.chdir(tmp_path)
    assert (
        arguments_of("seeds")
        == arguments_of("seeds:sets")
        != arguments_of("./seeds")
        == arguments_of("none.jsonl")
    )


@pytest.mark.parametrize(
    "flags", [[], ["build"], ["biuld"], ["build", "--source", "seeds", "--out", "x", "--writer", "magic"]]
)
def test_a_wrong_command_gets_one_line_that_names_its_help(flags: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as caught:
        main(flags)
    shown = capsys.readouterr().err
    assert caught.value.code == 2 and shown.startswith("error: ") and shown.count("\n") == 1
    assert "--help' lists the options" in shown


def test_help_explains(capsys: Any) -> None:
    for flags in (["--help"], ["build", "--help"]):
        with pytest.raises(SystemExit) as caught:
            main(flags)
        assert caught.value.code == 0
    shown = capsys.readouterr().out
    for words in (
        "build a dataset from sources",
        "--test-share",
        "0.25",
        "instruction_negatives",
        "attributes",
    ):
        assert words in shown


@pytest.mark.parametrize("flag", ["--source", "--out", "--origin", "--name"])
def test_an_argument_that_is_no_utf_8_is_named(
    flag: str, set_line: Make, write_jsonl: Make, tmp_path: Path, capsys: Any
) -> None:
    source = write_jsonl([set_line()])
    odd = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    odd.write_bytes(source.read_bytes())
    flags = {"--source": str(source), "--out": str(tmp_path / "new" / "dataset"), flag: str(odd)}
    words = [word for pair in flags.items() for word in pair]
    must_fail(words, r"caf\udce9.jsonl: holds bytes that are not UTF-8 text", tmp_path, capsys)
    assert not list(tmp_path.glob("*.building*"))


def test_a_nul_in_a_name_is_refused(set_line: Make, write_jsonl: Make, tmp_path: Path) -> None:
    source = write_jsonl([set_line()])
    with pytest.raises(InputError, match=r"--out .*holds bytes that are not UTF-8 text, or a NUL"):
        build_dataset(source, out=f"{tmp_path}/a\0b")
