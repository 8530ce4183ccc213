"""Trainers of sentence-transformers that watch the loss, and make no card of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformerTrainer
from sentence_transformers.base.trainer import BaseTrainer
from torch import Tensor
from transformers import ProgressCallback
from transformers.trainer_callback import PrinterCallback
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.metrics.ranks import InvalidScoreError
from dualview.trainer.runs.checkpoints import find_fault, write_checksums
from dualview.trainer.runs.loss_watch import LossWatch, TrainingStoppedError


class WatchedTrainer(BaseTrainer):
    """Stops when the loss is not finite or diverges, and names the batch.

    :param diverges_at: see :class:`dualview.trainer.runs.loss_watch.LossWatch`.
    """

    def __init__(self, *args: Any, diverges_at: float = 0.0, **kwargs: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(*args, **kwargs)
        for printing in (ProgressCallback, PrinterCallback):  # both write to standard output
            self.remove_callback(printing)
        self._watch = LossWatch(diverges_at)

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Add no callback: our card is written from the run's facts, and the library's shows a bar."""

    def compute_loss(
        self,
        model: Any,  # noqa: ANN401 - the encoder, or what a launcher wraps around it
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Tensor | tuple[Tensor, dict[str, Any]]:
        """Compute the loss of a batch, after a check of the one before.

        :raises TrainingStoppedError: if the loss before is not finite or diverges.
        """
        ids = inputs["label"].ids
        self._watch.check()
        loss = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        if model.training:
            value = loss[0] if isinstance(loss, tuple) else loss
            self._watch.note(value.detach(), ids, self.state.global_step + 1)
        return loss

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:  # noqa: ANN401
        """Evaluate, if the last step left a model that can be evaluated.

        :raises TrainingStoppedError: if it did not.
        """
        self._watch.check()
        try:
            return super().evaluate(*args, **kwargs)
        except InvalidScoreError as error:
            raise TrainingStoppedError(
                f"step {self.state.global_step}: the model's scores are no numbers any more; "
                "lower learning_rate"
            ) from error

    def _load_from_checkpoint(self, checkpoint_path: str) -> None:  # type: ignore[override]
        try:
            super()._load_from_checkpoint(checkpoint_path)
        except torch.OutOfMemoryError:
            raise
        except (RuntimeError, ValueError, KeyError, OSError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"{checkpoint_path}: holds another model or is broken; remove it to go on from the one "
                f"before ({reason})"
            ) from error

    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the library's
        # A model that the last step broke must not be saved.
        self._watch.check()
        super()._save_checkpoint(*args, **kwargs)
        self.accelerator.wait_for_everyone()  # each process writes its random state
        if self.args.should_save:
            folder = Path(str(self.args.output_dir))
            write_checksums(folder / f"{PREFIX_CHECKPOINT_DIR}-{self.state.global_step}")

    def _load_best_model(self) -> None:
        """Load the best checkpoint; the library goes on with the last weights where it cannot."""
        if self.is_fsdp_enabled:
            super()._load_best_model()
            return
        best = Path(str(self.args.output_dir), Path(str(self.state.best_model_checkpoint)).name)
        if fault := find_fault(best, needs_checksums=False):
            raise InputError(
                f"{best}: {fault}, and it is the best checkpoint; give the same command again: it goes on "
                "from what is before it"
            )
        self._load_from_checkpoint(str(best))


class DualViewTrainer(WatchedTrainer, SentenceTransformerTrainer):
    """SentenceTransformerTrainer that watches the loss, and makes no card of its own."""
