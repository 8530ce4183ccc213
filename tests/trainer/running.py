"""Interrupting training runs, reading what they leave, and taking batches apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import TrainerControl

from dualview.trainer.runs.callbacks import RunLog


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
