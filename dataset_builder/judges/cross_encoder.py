"""A judge that is any CrossEncoder of sentence-transformers: a folder or a model on the Hub."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dualview.cards.errors import InputError, reason_of
from dualview.dataset_builder.judges.deciding import Thresholds, decide
from dualview.dataset_builder.judges.judge_options import hard_negatives_to_judge
from dualview.dataset_builder.judges.judge_protocol import Judgement
from dualview.dataset_builder.judges.views import View, views_of
from dualview.dataset_builder.schema import ViewPair

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


@dataclass(frozen=True)
class CrossEncoderSettings:
    """Settings of a judge that is a CrossEncoder.

    :param model: a folder or a Hub id.
    :param hard_negatives: number of hard negatives of a pair that are judged; None for all.
    :param revision: commit, tag or branch on the Hub.
    :param device: such as ``cuda:1``; None for the first one available.
    :param batch_size: texts in a forward pass.
    """

    model: str
    thresholds: Thresholds = field(default_factory=Thresholds)
    hard_negatives: int | None = None
    revision: str | None = None
    device: str | None = None
    batch_size: int = 32

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> CrossEncoderSettings:
        """The settings that the flags give.

        :raises InputError: if they contradict each other.
        """
        return cls(
            args.judge,
            Thresholds.from_arguments(args),
            hard_negatives_to_judge(args.judge_hard_negatives, default=None),
            args.judge_revision,
            args.judge_device,
            args.judge_batch_size,
        )

    def make(self) -> CrossEncoderJudge:
        """Load the model and make the judge.

        :raises InputError: if the model cannot be loaded.
        """
        folder = Path(self.model).expanduser()
        return CrossEncoderJudge(
            load_cross_encoder(self.model, self.revision, self.device),
            folder.resolve().name if folder.is_dir() else self.model,
            self.thresholds,
            self.hard_negatives,
            self.batch_size,
            self.revision,
        )


class CrossEncoderJudge:
    """Scores (instructed query, passage) with a CrossEncoder, many pairs a batch.

    :param name: its name in the column ``checks``.
    :param hard_negatives: how many hard negatives of a pair are judged; None for all.
    :param batch_size: texts a forward pass.
    :param revision: of the model on the Hub, for the recipe.
    """

    def __init__(
        self,
        model: CrossEncoder,
        name: str,
        thresholds: Thresholds,
        hard_negatives: int | None = None,
        batch_size: int = 32,
        revision: str | None = None,
    ) -> None:
        self.name = name
        self._revision = revision
        self._model = model
        self._thresholds = thresholds
        self._hard_negatives = hard_negatives
        self._batch_size = batch_size

    def judge(self, pairs: Sequence[ViewPair]) -> list[Judgement]:
        """One judgement a pair, in order."""
        views = [view for pair in pairs for view in views_of(pair, self._hard_negatives)]
        scores = self.score(views)
        return [
            decide(pair, self.name, scores[2 * place], scores[2 * place + 1], self._thresholds)
            for place, pair in enumerate(pairs)
        ]

    def recipe(self) -> dict[str, Any]:
        """Further facts for the recipe."""
        return {
            "kind": "cross-encoder",
            "revision": self._revision,
            **asdict(self._thresholds),
            "hard_negatives": self._hard_negatives,
        }

    def score(self, views: Sequence[View]) -> list[tuple[float, ...]]:
        """The probability that a passage is relevant, for each passage of each view.

        The pairs of one candidate set share their original view: each text is computed once.
        """
        import torch

        places: dict[tuple[str, str], int] = {}
        for view in views:
            for passage in view.passages:
                places.setdefault((view.instructed_query, passage.encoded), len(places))
        if not places:
            return [() for _ in views]
        one_score = self._model.num_labels == 1
        predicted = self._model.predict(
            list(places),
            batch_size=self._batch_size,
            activation_fn=torch.nn.Sigmoid() if one_score else torch.nn.Softmax(dim=-1),
            show_progress_bar=False,
        )
        probabilities = (predicted if one_score else predicted[:, 1]).tolist()
        return [
            tuple(probabilities[places[view.instructed_query, passage.encoded]] for passage in view.passages)
            for view in views
        ]


def load_cross_encoder(name: str, revision: str | None = None, device: str | None = None) -> CrossEncoder:
    """Load a CrossEncoder with one score, or with the two labels "not relevant" and "relevant".

    Code that a model on the Hub brings along is never run.

    :param name: a folder or a Hub id.
    :param revision: a commit, tag or branch on the Hub.
    :raises InputError: if the model cannot be loaded, or has no trained head for relevance.
    """
    # PyTorch takes seconds to import: not for --help or a misspelt flag.
    from huggingface_hub.errors import HFValidationError
    from sentence_transformers import CrossEncoder

    folder = Path(name).expanduser()
    if not folder.is_dir() and (name.startswith((".", "/", "~")) or name.count("/") > 1):
        raise InputError(f"judge {name}: no such folder; give a CrossEncoder's folder or its id on the Hub")
    try:
        model: CrossEncoder = CrossEncoder(
            str(folder) if folder.is_dir() else name,
            revision=revision,
            device=device,
            trust_remote_code=False,
        )
    except (OSError, ValueError, HFValidationError) as error:
        reason = reason_of(error)
        raise InputError(
            f"judge {name}: cannot be loaded ({reason}); check the folder or Hub id and the revision"
        ) from error
    _require_trained_head(name, model)
    return model


def _require_trained_head(name: str, model: CrossEncoder) -> None:
    if model.num_labels not in (1, 2):
        raise InputError(
            f"judge {name}: gives {model.num_labels} labels; a judge needs one score, or two labels of which "
            "the second means relevant"
        )
    # An encoder without a head loads too: with a random head, which would reject and accept by chance.
    transformer: Any = model[0]
    architectures = transformer.model.config.architectures or []
    if transformer.transformer_task == "sequence-classification" and not any(
        architecture.endswith("ForSequenceClassification") for architecture in architectures
    ):
        raise InputError(
            f"judge {name}: holds {' and '.join(architectures) or 'an unknown architecture'}, an encoder "
            "without a trained head; give a CrossEncoder (a reranker)"
        )
