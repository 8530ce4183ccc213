"""The live line: drawn on a terminal alone, with the log's lines above it."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable

import datasets
import pytest
from transformers.utils import logging as transformers_logging

from dualview.command_line.running import hide_model_bars
from dualview.trainer.runs.live_line import is_live
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings
from dualview.trainer.train import LineHandler


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 2


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Replace standard error by a terminal; called in a test's body, as pytest's capture replaces it too."""
    found = Terminal()
    monkeypatch.setattr(sys, "stderr", found)
    monkeypatch.setattr(os, "get_terminal_size", lambda descriptor: os.terminal_size((100, 30)))
    monkeypatch.setenv("TERM", "xterm")
    return found


def logged(settings: TrainingSettings) -> str:
    """Train as the command does; return what was written to standard error."""
    handler = LineHandler(sys.stderr)
    logger = logging.getLogger("dualview.train")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    # The command has both bars hidden; loaded rows have one only where no earlier test has loaded them.
    hide_model_bars()
    datasets.disable_progress_bars()
    try:
        train(settings)
    finally:
        datasets.enable_progress_bars()
        transformers_logging.enable_progress_bar()
        logger.removeHandler(handler)
        logger.setLevel(level)
    return sys.stderr.getvalue()  # type: ignore[attr-defined]


def test_a_terminal_gets_one_line_and_keeps_the_validations(
    settings_for: Callable[..., TrainingSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal(monkeypatch)
    shown = logged(settings_for(max_steps=4, evaluations=2))
    assert "training:" in shown and "4/4" in shown and "loss " in shown
    assert shown.count("step 2/4  validation: right_first") == 1
    assert "step 1/4  loss" not in shown
    # The live line is drawn over itself: every kept line is one of the log.
    kept = [line for line in shown.split("\n") if line.rpartition("\r")[2].strip()]
    assert len(kept) == shown.count("validation:") + shown.count("Of the training texts")


def test_elsewhere_each_logged_step_is_a_line(
    settings_for: Callable[..., TrainingSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    shown = logged(settings_for(max_steps=2, evaluations=1))
    assert "step 1/2  loss" in shown and "step 2/2  validation:" in shown and "training:" not in shown


def test_a_terminal_that_redraws_nothing_is_not_live(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal(monkeypatch)
    assert is_live()
    monkeypatch.setenv("TERM", "dumb")
    assert not is_live()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(os, "get_terminal_size", lambda descriptor: os.terminal_size((0, 0)))
    assert not is_live()
    monkeypatch.setattr(sys, "stderr", None)
    assert not is_live()
