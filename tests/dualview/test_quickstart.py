"""The whole road by one command: what is shown, what is kept, and where it stops."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dualview import quickstart
from dualview.cli import main
from dualview.quickstart import Stage, stages

ROOT = Path(__file__).resolve().parents[2]


def fake_stages(out: Path, code: str) -> list[Stage]:
    """Two steps: one that leaves a file, one that runs ``code``."""
    made = out / "made"
    return [
        Stage("Make", [sys.executable, "-c", f"open({str(made)!r}, 'a').write('x')"], made.is_file),
        Stage("Use", [sys.executable, "-c", code], lambda: False),
    ]


def test_a_failing_stage_ends_the_road_and_the_next_run_keeps_what_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(quickstart, "stages", lambda out, steps: fake_stages(out, "raise SystemExit(7)"))
    assert main(["quickstart", "--out", str(tmp_path)]) == 7
    assert "Stopped in stage 2, exit code 7. The same command goes on from here." in capfd.readouterr().err
    monkeypatch.setattr(quickstart, "stages", lambda out, steps: fake_stages(out, "pass"))
    assert main(["quickstart", "--out", str(tmp_path)]) == 0
    shown = capfd.readouterr()
    assert "done before, kept" in shown.err and "make demo" in shown.out
    assert (tmp_path / "made").read_text() == "x"


def test_an_output_folder_that_cannot_be_made_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["quickstart", "--out", str(tmp_path / "file" / "below")]) == 2
    assert capfd.readouterr().err.startswith(f"error: {tmp_path / 'file' / 'below'}: cannot be made")


def test_a_result_counts_as_done_only_for_the_files_it_was_made_from(tmp_path: Path) -> None:
    source, result = tmp_path / "source", tmp_path / "result"
    source.write_text("one")
    made = quickstart._Made(tmp_path / "note", result)
    assert not made.matches([source])
    made.note([source])
    assert not made.matches([source])  # noted, but the result is not there
    result.write_text("")
    assert made.matches([source])
    source.write_text("two")
    assert not made.matches([source])


def test_every_stage_is_a_command_that_its_program_takes(tmp_path: Path) -> None:
    build, train, evaluate = (stage.command for stage in stages(tmp_path, max_steps=3))
    assert build[1:4] == ["-m", "dualview", "build"] and train[1:3] == [
        "-m",
        "accelerate.commands.launch",
    ]
    assert train[train.index("--max-steps") + 1] == "3"
    for name, words in {"build": build[4:], "train": train[-7:], "evaluate": evaluate[4:]}.items():
        command = [sys.executable, "-m", "dualview", name, "--help"]
        shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        for flag in (word for word in words if word.startswith("--")):
            assert flag in shown.stdout, f"{name} has no {flag}"


@pytest.mark.slow
def test_the_whole_road_on_the_shipped_text(tmp_path: Path) -> None:
    """Three steps of training instead of the recipe's: everything else is what `make quickstart` runs."""
    command = [sys.executable, "-m", "dualview", "quickstart", "--out", "runs", "--max-steps", "3"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=1800
    )
    assert done.returncode == 0, done.stderr
    for name in (
        "dataset/README.md",
        "training/model/README.md",
        "training/loss_curve.png",
        "report/report.md",
        "report/report.html",
        "report/flips.png",
    ):
        assert (tmp_path / "runs" / name).is_file(), name
    assert "all right within the set" in (tmp_path / "runs/training/model/README.md").read_text()
    again = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert again.returncode == 0, again.stderr
    assert (
        again.stderr.count("done before, kept") == 2 and "already trained with these settings" in again.stderr
    )
