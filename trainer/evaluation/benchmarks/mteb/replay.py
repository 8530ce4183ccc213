"""A finished run as one of mteb's search models, so that mteb's own code can measure it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dualview.trainer.evaluation.metrics import Run

if TYPE_CHECKING:
    from datasets import Dataset
    from mteb.models import ModelMeta


class Replay:
    """Returns the rankings of a run (mteb's ``SearchProtocol``)."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def index(self, corpus: Dataset, **options: object) -> None:
        """Do nothing: the ranking is done."""

    def search(self, queries: Dataset, **options: object) -> dict[str, dict[str, float]]:
        """Return the rankings of the queries."""
        return {query_id: dict(self._run[query_id]) for query_id in queries["id"]}

    @property
    def mteb_model_meta(self) -> ModelMeta:
        """Metadata that mteb asks of a model; empty, since the run is finished."""
        from mteb.models import ModelMeta

        return ModelMeta.create_empty()


def plain_scores(scores: object) -> object:
    """Turn mteb's scores, which may be NumPy's or NaN, into what JSON can hold."""
    if isinstance(scores, Mapping):
        return {str(key): plain_scores(value) for key, value in scores.items()}
    if isinstance(scores, (list, tuple)):
        return [plain_scores(value) for value in scores]
    if hasattr(scores, "item"):
        scores = scores.item()
    return None if isinstance(scores, float) and not math.isfinite(scores) else scores
