"""All settings of a training run: the keys of a recipe and the flags of the command line."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

from dualview.trainer.losses.weights import LossWeights
from dualview.trainer.option import OptionGroup, default_of, options_of
from dualview.trainer.settings.combinations import check_combinations
from dualview.trainer.settings.data import DataSettings
from dualview.trainer.settings.loss import LossSettings
from dualview.trainer.settings.model import ModelSettings
from dualview.trainer.settings.optimiser import OptimiserSettings
from dualview.trainer.settings.publication import PublicationSettings
from dualview.trainer.settings.reranker import RERANKER, RerankerSettings
from dualview.trainer.settings.run import RunSettings

#: Groups of options, in the order of ``--help`` and of recipes.
GROUPS: tuple[type[OptionGroup], ...] = (
    ModelSettings,
    DataSettings,
    LossSettings,
    LossWeights,
    RerankerSettings,
    OptimiserSettings,
    RunSettings,
    PublicationSettings,
)


# Dataclasses take the fields of their last base first: the bases are GROUPS, backwards.
@dataclass(frozen=True, kw_only=True)
class TrainingSettings(
    PublicationSettings,
    RunSettings,
    OptimiserSettings,
    RerankerSettings,
    LossWeights,
    LossSettings,
    DataSettings,
    ModelSettings,
):
    """Settings of a training run, in one flat list; every field is a key of a recipe and a flag.

    :raises InputError: naming the setting and what it may be.
    """

    TITLE: ClassVar[str] = "settings"

    def __post_init__(self) -> None:
        """Check each value, then all together.

        :raises InputError: naming the setting and what it may be.
        """
        for name, fact in OPTIONS.items():
            fact.check(name, getattr(self, name))
        check_combinations(self)

    @property
    def keeps_base(self) -> bool:
        """True if the training needs the base model's vectors of the training texts."""
        if self.kind == RERANKER:
            return False
        using = ("keep_weight", "keep_documents_weight", "keep_queries_weight", "compose_weight")
        return bool(
            self.frozen_documents or self.corpus_negatives or any(getattr(self, name) for name in using)
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as a recipe would hold them."""
        return dataclasses.asdict(self)

    def of_the_run(self) -> dict[str, Any]:
        """Return the settings that decide the result: two runs with the same ones are the same run."""
        return {name: value for name, value in self.as_dict().items() if OPTIONS[name].identifies}


OPTIONS = options_of(TrainingSettings)


def default_settings() -> dict[str, Any]:
    """Return what :meth:`TrainingSettings.of_the_run` gives where nothing is set."""
    return {
        field.name: default_of(field)
        for field in dataclasses.fields(TrainingSettings)
        if OPTIONS[field.name].identifies
    }
