"""Help of the publishing commands: options in groups, and paths that the quickstart writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dualview import cli
from dualview.cards.__main__ import main
from dualview.quickstart import stages

COMMANDS = [["publish", name] for name in cli.COMMANDS["publish"].commands] + [["edit-card"]]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_names_paths_that_the_quickstart_writes(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main([*command, "--help"])
    shown = capsys.readouterr().out
    out = Path("runs/quickstart")
    written = {word for stage in stages(out) for word in stage.command if word.startswith(str(out))}
    assert {str(out / "dataset"), str(out / "training" / "model")} <= written
    assert set(re.findall(r"runs/[\w/]+", shown)) <= written
    assert f"dualview {' '.join(command)}" in shown


@pytest.mark.parametrize("command", COMMANDS[:3], ids=" ".join)
def test_options_are_in_groups(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main([*command, "--help"])
    groups = capsys.readouterr().out.split("\noptions:")[1]
    plain, *titled = re.split(r"\n\n(?=\w+:\n)", groups)
    assert set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", plain, re.MULTILINE)) == {"--help", "--debug"}
    assert {group.split(":")[0] for group in titled} >= {"repository", "upload"}


def test_the_commands_of_cards_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "publish-model" in capsys.readouterr().out
