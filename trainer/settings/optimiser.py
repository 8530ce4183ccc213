"""Settings of the optimiser: steps, batches, learning rate and numbers of the computation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dualview.trainer.option import Range, option

SCHEDULES = ("linear", "cosine", "constant_with_warmup")
PRECISIONS = ("fp32", "bf16", "auto")
# NumPy takes no larger seed.
_LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True, kw_only=True)
class OptimiserSettings:
    """Options of the optimiser."""

    TITLE: ClassVar[str] = "optimiser"

    max_steps: int = option(100, "optimiser steps; 0 trains for --epochs instead", Range(0))
    epochs: float = option(
        0.0, "passes over the rows, where max_steps is 0 or not given", Range(0), also=["num_train_epochs"]
    )
    batch_size: int = option(
        12,
        "rows (candidate sets) in a batch of a process",
        Range(1),
        also=["per_device_train_batch_size", "train_batch_size"],
    )
    batch_views: int = option(0, "views in a batch instead of batch_size rows, to compare mixtures", Range(0))
    gradient_accumulation: int = option(
        1, "batches in a step", Range(1), also=["gradient_accumulation_steps"]
    )
    gradient_checkpointing: bool = option(
        False, "compute activations twice instead of storing them", also=["activation_checkpointing"]
    )
    learning_rate: float = option(5e-5, "highest learning rate", Range(0, above=True))
    layer_decay: float = option(
        1.0,
        "learning rate of a layer as a share of that of the layer above it; 1 is the same for all",
        Range(0, 1, above=True),
    )
    schedule: str = option(
        "linear", "course of the learning rate after the warm-up", SCHEDULES, also=["lr_scheduler_type"]
    )
    warmup: float = option(
        0.1,
        "share of the steps in which the learning rate rises",
        Range(0, 1),
        also=["warmup_ratio", "warmup_steps"],
    )
    weight_decay: float = option(0.01, "weight decay of AdamW", Range(0))
    max_grad_norm: float = option(1.0, "largest norm of the gradients; 0 sets no limit", Range(0))
    precision: str = option(
        "fp32",
        "number format of the matrix products; auto takes bf16 where the processor or GPU computes in it",
        PRECISIONS,
        also=["bf16"],
    )
    torch_compile: bool = option(False, "compile the encoder's layers")
    workers: int = option(
        0,
        "processes that prepare the batches of a training process",
        Range(0),
        also=["dataloader_num_workers"],
        identifies=False,
    )
    seed: int = option(0, "seed of everything random", Range(0, _LARGEST_SEED))
