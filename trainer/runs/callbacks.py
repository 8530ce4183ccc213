"""Callbacks of a run: its log, the last step, and the time limit."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from dualview.trainer.runs.live_line import is_live
from dualview.trainer.runs.loss_curve import draw_loss_curve
from dualview.trainer.runs.run_folder import RunFolder

logger = logging.getLogger("dualview.train")

# Figures of an evaluation that are shown on the line; all of them are in the file.
_SHOWN = (
    "right_first",
    "violating_first",
    "view_accuracy",
    "flip_accuracy",
    "instructed_ndcg_at_10",
    "bare_query_ndcg_at_10",
    "exclusion_cosine",
    "kept_cosine",
)


class RunLog(TrainerCallback):
    """Writes every log entry to ``log.jsonl`` and in short to the log, and draws the loss curve.

    On a terminal the live line shows the steps, and the log their evaluations alone.

    :param components: names of the loss's components, in the order of the log.
    """

    def __init__(self, folder: RunFolder, components: Sequence[str]) -> None:
        self.folder = folder
        self.components = components
        self._began = self._counted = time.monotonic()
        self._first_step = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Note the first step of this start, and write the entries of earlier starts."""
        self._began = self._counted = time.monotonic()
        self._first_step = state.global_step
        if state.is_world_process_zero:
            entries = [json.dumps(entry) for entry in state.log_history]
            self.folder.log.write_text("".join(f"{entry}\n" for entry in entries), encoding="utf-8")

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: object,
    ) -> None:
        """Write an entry."""
        if not state.is_world_process_zero or not logs:
            return
        with self.folder.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**logs, "step": state.global_step}) + "\n")
        if "loss" in logs:
            if not is_live():
                logger.info("%s", self._step_line(state, logs))
        elif shown := [f"{name} {logs['eval_' + name]:.3f}" for name in _SHOWN if "eval_" + name in logs]:
            logger.info("step %d/%d  validation: %s", state.global_step, state.max_steps, ", ".join(shown))

    def _step_line(self, state: TrainerState, logs: Mapping[str, float]) -> str:
        parts = " + ".join(f"{name} {logs[name]:.3f}" for name in self.components if name in logs)
        loss = f"loss {float(logs['loss']):.3f}" + (f" = {parts}" if parts else "")
        seconds = (time.monotonic() - self._began) / max(1, state.global_step - self._first_step)
        minutes, rest = divmod(round(seconds * (state.max_steps - state.global_step)), 60)
        left = f"{seconds:.2f} s a step, {minutes}:{rest:02} left"
        return f"step {state.global_step}/{state.max_steps}  {loss}  ({left})"

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Count the time so far, so that an interruption loses none of it, and draw the curve."""
        if state.is_world_process_zero:
            self.count_seconds()
            draw_loss_curve(state.log_history, self.components, self.folder.curve)

    def count_seconds(self) -> float:
        """Add the time since the last call to the run's; return the run's, in seconds."""
        now = time.monotonic()
        passed, self._counted = now - self._counted, now
        return self.folder.add_seconds(passed)


class KeepLastStep(TrainerCallback):
    """Evaluates and saves the last step, also where the number of steps is no multiple of the interval."""

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> TrainerControl:
        """Check whether it is the last step."""
        if state.global_step >= state.max_steps:
            _keep_step(args, control)
        return control


class StopAfterHours(TrainerCallback):
    """Stops, with an evaluation and a checkpoint, when the time is over."""

    def __init__(self, hours: float) -> None:
        self.seconds = hours * 3600
        self._began = time.monotonic()

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> TrainerControl:
        """Check the clock."""
        if time.monotonic() - self._began >= self.seconds and state.global_step < state.max_steps:
            logger.info("step %d: max_hours is over; stopping", state.global_step)
            _keep_step(args, control)
            control.should_training_stop = True
        return control


def _keep_step(args: TrainingArguments, control: TrainerControl) -> None:
    control.should_evaluate = args.eval_strategy != "no"
    control.should_save = True
