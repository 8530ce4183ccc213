"""One line and an exit code for whatever ends a command."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dualview.cards.errors import HubError, InputError
from dualview.command_line.running import run_command

ROOT = Path(__file__).resolve().parents[2]


def fails(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InputError("own.jsonl: line 3: is no object"), 2, "error: own.jsonl: line 3: is no object"),
        (HubError("no token"), 2, "error: no token"),
        (InputError("id 'a\nerror: all fine\x1b[2J'"), 2, r"error: id 'a\nerror: all fine\x1b[2J'"),
        (MemoryError("8 GB"), 2, "error: out of memory (8 GB); lower batch_size"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 2, "error: out of memory (Default"),
        (OSError(errno.ENOSPC, "No space left", "runs/x"), 2, "error: runs/x: no space left; free some"),
        (ValueError("a\nb"), 1, "error: ValueError: a b (add --debug to see where)"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    error: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(lambda: fails(error)) == code
    shown = capsys.readouterr().err.strip()
    assert shown.startswith(line) and "\n" not in shown


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(lambda: fails(ValueError("here \x1b[2J")), debug=True) == 1
    shown = capsys.readouterr().err
    assert "Traceback" in shown and "\x1b" not in shown


@pytest.mark.parametrize("redirect", ["exec >&- 2>&-", "exec 2>/dev/full", "exec 2>&-"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_closed_or_full_streams_end_no_command(redirect: str) -> None:
    code = (
        "from dualview.command_line import running as r; exit(r.run_command(lambda: r.write_line('x') or 0))"
    )
    command = ["bash", "-c", f'{redirect}; exec "$@"', "bash", sys.executable, "-c", code]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m dualview train --help | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (
        done.stdout.splitlines()[-1] == "0" and "Traceback" not in done.stderr and "error" not in done.stderr
    )


def test_threads_wait_without_taking_a_core_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert run_command(lambda: 0) == 0
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert run_command(lambda: 0) == 0
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"
