"""One live line on the terminal for the step that is running."""

from __future__ import annotations

import os
import sys
from typing import Any

from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


def is_live() -> bool:
    """Return whether standard error is a terminal that can redraw a line."""
    try:
        # A terminal that does not know its width gets no line from tqdm.
        has_width = sys.stderr.isatty() and os.get_terminal_size(sys.stderr.fileno()).columns > 0
    except (AttributeError, OSError, ValueError):  # no standard error, or a closed one
        return False
    return has_width and os.environ.get("TERM") != "dumb"


class LiveLine(TrainerCallback):
    """Shows steps done, time left and loss in one line of a terminal; nothing elsewhere.

    Log lines appear above it, see :class:`dualview.trainer.train.LineHandler`.
    """

    def __init__(self) -> None:
        self._bar: Any = None

    def close(self) -> None:
        """Remove the line."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Draw the line."""
        if state.is_world_process_zero and is_live():
            self._bar = tqdm(
                total=state.max_steps,
                initial=state.global_step,
                desc="training",
                unit="step",
                file=sys.stderr,
                dynamic_ncols=True,
                leave=False,
            )

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Count a step."""
        if self._bar is not None:
            self._bar.update(state.global_step - self._bar.n)
            if control.should_evaluate:
                self._bar.set_description_str("validating")

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Return to training."""
        if self._bar is not None:
            self._bar.set_description_str("training")

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: object,
    ) -> None:
        """Show the loss."""
        if self._bar is not None and logs and "loss" in logs:
            self._bar.set_postfix_str(f"loss {float(logs['loss']):.3f}")
