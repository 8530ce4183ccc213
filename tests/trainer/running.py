"""Reading training settings from the words of a command line, interrupting runs, and what they leave."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import TrainerControl

from dualview.command_line.parser import Parser
from dualview.trainer.runs.callbacks import RunLog
from dualview.trainer.settings.parsing import add_arguments, settings_of
from dualview.trainer.settings.training import TrainingSettings


def parse_settings(words: Sequence[str]) -> TrainingSettings:
    """Settings of a run, as ``dualview train`` reads them from the words of its command line."""
    parser = Parser(prog="dualview train")
    add_arguments(parser)
    return settings_of(parser.parse_args(words))


def losses(output: Path) -> list[tuple[int, float]]:
    entries = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
    return [(entry["step"], float(entry["loss"])) for entry in entries if "loss" in entry]


def weights(output: Path) -> dict[str, torch.Tensor]:
    return load_file(output / "model" / "model.safetensors")


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_step_end(self: RunLog, args: Any, state: Any, control: TrainerControl, **kwargs: Any) -> None:
        if state.global_step == step:
            raise KeyboardInterrupt

    monkeypatch.setattr(RunLog, "on_step_end", on_step_end)


def features_of(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """Features that the loss gets of a batch: its anchors and documents, those of the corpus too."""
    return [
        {
            key.removeprefix(f"{column}_"): value
            for key, value in batch.items()
            if key.startswith(f"{column}_")
        }
        for column in ("anchor", "document", "corpus")
        if any(key.startswith(f"{column}_") for key in batch)
    ]
