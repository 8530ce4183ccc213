"""Settings of the run: its folder, evaluations, log and end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dualview.trainer.option import Range, option

REPORTERS = ("tensorboard", "trackio", "wandb")


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """Options of the run."""

    TITLE: ClassVar[str] = "run"

    out: str = option(
        "",
        "folder for checkpoints and the trained model",
        also=["output_dir"],
        renamed="output",
        identifies=False,
    )
    base_cache: str = option(
        "", "folder of the base model's vectors, to share between runs (default: in --out)", identifies=False
    )
    restart: bool = option(False, "delete what --out holds of a run with other settings", identifies=False)
    evaluations: int = option(
        3,
        "evaluations on the validation split, evenly spread; the best checkpoint is kept. 0 evaluates "
        "nothing and keeps the last step",
        Range(0),
    )
    metric: str = option(
        "flip_accuracy", "figure of the evaluation that decides the best checkpoint, such as right_first"
    )
    early_stopping: int = option(
        0, "stop after this many evaluations without a better one; 0 never stops", Range(0), identifies=False
    )
    max_hours: float = option(
        0.0,
        "stop after this many hours and keep the best checkpoint; 0 sets no limit",
        Range(0),
        identifies=False,
    )
    diverges_at: float = option(
        4.0,
        "stop when the loss is this many times its first values; 0 never stops",
        Range(0),
        identifies=False,
    )
    logging_steps: int = option(10, "steps between two lines of the log", Range(1), identifies=False)
    report_to: list[str] = option([], "log to these as well", REPORTERS, identifies=False)
