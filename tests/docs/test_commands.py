"""Commands that the pages show are understood by the real parsers."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest

from dualview import cli
from tests.docs.pages import PAGES, ROOT, Page

SHELL = ("bash", "sh", "shell")
#: Words in place of a reader's own values; the words around them are no whole command.
PLACEHOLDERS = ("COMMAND", "…")


def shown_commands(first: str) -> list[tuple[str, str]]:
    """The page and the text of each command that begins with a word, in blocks and in sentences."""
    found = []
    for name in PAGES:
        page = Page(name)
        lines = [line for language in SHELL for block in page.blocks(language) for line in block.splitlines()]
        spans = [span for span in page.spans() if " " in span]
        found += [(name, text) for text in (*lines, *spans) if text.split(" ")[0] == first]
    return found


def parse(words: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Parse the words of ``dualview``; the command itself is not run."""
    command = cli.Command("", commands=cli.COMMANDS)
    for word in words:
        command = command.commands.get(word, command)
        if command.module:
            break
    if command.module:
        monkeypatch.setattr(importlib.import_module(command.module), "run", lambda args: 0)
    return cli.main(words)


@pytest.mark.parametrize(("name", "text"), shown_commands("dualview"))
def test_commands_parse(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(text, comments=True)[1:]
    if any(mark in words for mark in PLACEHOLDERS):
        words = [word for word in words if word not in PLACEHOLDERS] + ["--help"]
    try:
        code = parse(words, monkeypatch)
    except SystemExit as stopped:
        # A name alone, such as `dualview publish` in a table of commands, lacks what the command needs.
        alone = len(words) == 1 and words[0] in cli.COMMANDS
        code = 0 if alone or stopped.code is None else int(stopped.code)
    assert code == 0, f"{name}: {text}\n{capsys.readouterr().err}"


@pytest.mark.parametrize(("name", "text"), shown_commands("accelerate"))
def test_launches_parse(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    launch = re.fullmatch(
        r"accelerate launch(?: --config_file (?P<config>\S+))? "
        r"(?:-m dualview\.trainer\.train|trainer/train\.py)(?P<flags>.*)",
        text.replace("…", "").strip(),
    )
    assert launch, f"{name}: {text}"
    assert launch["config"] is None or (ROOT / launch["config"]).is_file()
    try:
        code = parse(["train", *shlex.split(launch["flags"])], monkeypatch)
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    assert code == 0, f"{name}: {text}\n{capsys.readouterr().err}"


def test_commands_that_do_not_exist_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit):
        parse(["build", "--sauce", "seeds"], monkeypatch)


def test_every_command_is_explained() -> None:
    explained = Page("docs/commands.md").spans()
    assert [f"dualview {name}" for name in cli.COMMANDS if f"dualview {name}" not in explained] == []


@pytest.mark.parametrize(("name", "text"), [*shown_commands("make"), *shown_commands("python")])
def test_targets_and_scripts_exist(name: str, text: str) -> None:
    words = shlex.split(text, comments=True)
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert [word for word in words[1:] if "=" not in word and word not in targets] == [], (
            f"{name}: {text}"
        )
        return
    module = words[2].replace(".", "/") if words[1] == "-m" else words[1]
    if module == "pip":
        return
    places = [Path(module), Path(f"{module}.py"), Path(module) / "__main__.py"]
    # The demo's own modules are run in its folder.
    folders = (ROOT, ROOT / "spaces" / "instruction_flip")
    assert any((folder / place).is_file() for folder in folders for place in places), f"{name}: {text}"
