"""The command ``dualview``: its list of commands, its help, and hints for misspelled words."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import dualview
from dualview.cli import COMMANDS, Command, main

ROOT = Path(__file__).resolve().parents[2]


def all_commands(
    commands: Mapping[str, Command] = COMMANDS, prefix: str = ""
) -> Iterator[tuple[str, Command]]:
    for name, command in commands.items():
        if command.commands:
            yield from all_commands(command.commands, f"{prefix}{name} ")
        else:
            yield prefix + name, command


@pytest.mark.parametrize(("name", "command"), list(all_commands()))
def test_every_command_is_a_module_with_arguments_and_work(name: str, command: Command) -> None:
    module = importlib.import_module(command.module)
    assert callable(module.add_arguments) and callable(module.run)
    # The help repeats the module's docstring, so it has to read as a help text.
    assert module.__doc__ and not module.__doc__.startswith(("What", "How", "Whether", "``"))


def run_main(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    try:
        code = main(words)
    except SystemExit as end:
        code = int(end.code or 0)
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main(["--version"], capsys)[:2] == (0, f"dualview {dualview.__version__}\n")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["biuld"], "did you mean build?"),
        (["publish", "modle"], "did you mean model?"),
        (["build", "--source", "seeds", "--out", "x", "--wirter", "facets"], "did you mean --writer?"),
        (["train", "--learning-rat", "1"], "did you mean --learning-rate?"),
        (["evaluate", "--modle", "x"], "did you mean --model?"),
        (["convert", "nevri", "a", "b"], "did you mean nevir?"),
    ],
)
def test_a_misspelled_word_gets_a_hint(
    words: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run_main(words, capsys)
    assert code == 2 and hint in err and err.startswith("error: ") and err.count("\n") == 1


@pytest.mark.parametrize("name", ["", *(name for name, _ in all_commands())])
def test_the_help_fits_a_narrow_terminal(name: str) -> None:
    environment = {**os.environ, "COLUMNS": "60", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "dualview", *name.split(), "--help"]
    shown = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "\x1b" not in shown
    # Commands and examples of files are shown as they are typed.
    prose = [
        line for line in shown.splitlines() if not line.startswith((" ", "dualview", "accelerate", "usage"))
    ]
    assert max(map(len, prose)) <= 60


@pytest.mark.parametrize(
    "name", [name for name, _ in all_commands() if not name.startswith(("convert", "demo"))]
)
def test_options_of_long_helps_stand_in_groups(name: str) -> None:
    command = [sys.executable, "-m", "dualview", *name.split(), "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    _, _, options = shown.partition("\noptions:\n")
    block = options.split("\n\n")[0]
    assert sum(line.startswith("  -") for line in block.splitlines()) <= 12, f"{name}: group the options"
