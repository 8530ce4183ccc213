"""SentenceTransformerTrainer that watches the loss, and makes no card of its own."""

from __future__ import annotations

from typing import Any

from sentence_transformers import SentenceTransformerTrainer
from torch import Tensor

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.metrics.ranks import InvalidScoreError
from dualview.trainer.runs.loss_watch import LossWatch, TrainingStoppedError


class DualViewTrainer(SentenceTransformerTrainer):
    """Stops when the loss is not finite or diverges, and names the batch.

    :param diverges_at: see :class:`dualview.trainer.runs.loss_watch.LossWatch`.
    """

    def __init__(self, *args: Any, diverges_at: float = 0.0, **kwargs: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(*args, **kwargs)
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
