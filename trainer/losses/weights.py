"""Weights of the loss's terms: the one place that names them, for the loss, recipes and flags."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

from dualview.cards.errors import InputError
from dualview.trainer.option import Range, option, options_of

_SUFFIX = "_weight"


@dataclass(frozen=True, kw_only=True)
class LossWeights:
    """Weight of each term; a weight of 0 switches a term off.

    A term's function has the name of its weight, in :mod:`dualview.trainer.losses.terms`.

    :raises InputError: if a weight is negative or no finite number, or no term is left.
    """

    TITLE: ClassVar[str] = "loss weights (0 switches a term off)"

    query_to_doc_weight: float = option(
        1.0, "instructed query to its passage, over all passages of the batch", Range(0)
    )
    in_set_weight: float = option(0.0, "query to document, over the passages of its own set alone", Range(0))
    neutral_weight: float = option(1.0, "bare query to all passages that answer it", Range(0))
    doc_to_query_weight: float = option(0.0, "document to instructed query", Range(0))
    keep_weight: float = option(0.0, "keep the base model's rankings for bare queries", Range(0))
    keep_documents_weight: float = option(0.0, "keep passages near the base model's vectors", Range(0))
    keep_queries_weight: float = option(
        0.0, "keep queries without an instruction near the base model's vectors", Range(0)
    )
    compose_weight: float = option(
        0.0,
        "pull queries that exclude or ask for phrases to composed vectors of the base model",
        Range(0),
    )

    def __post_init__(self) -> None:
        """Check the weights.

        :raises InputError: naming a wrong one.
        """
        for name, fact in options_of(LossWeights).items():
            fact.check(name, getattr(self, name))
        if not self.active():
            raise InputError("all weights of the loss are 0; give one of its terms a weight")

    @classmethod
    def of(cls, settings: LossWeights) -> LossWeights:
        """Take the weights out of settings that hold more than them."""
        return cls(**{name: getattr(settings, name) for name in options_of(LossWeights)})

    def changed(self, **weights: float) -> LossWeights:
        """Return a copy with other weights.

        :raises InputError: if there is no weight of that name, or a value is wrong.
        """
        if unknown := sorted(weights.keys() - options_of(LossWeights)):
            raise InputError(f"{unknown[0]} is no weight; there are {', '.join(options_of(LossWeights))}")
        return dataclasses.replace(self, **weights)

    def active(self) -> dict[str, float]:
        """Return the terms that are switched on, in the order of the log, with their weights."""
        given = {name.removesuffix(_SUFFIX): getattr(self, name) for name in options_of(LossWeights)}
        return {term: weight for term, weight in given.items() if weight}

    def query_columns(self) -> tuple[str, ...]:
        """Return the columns of queries that a batch has besides its anchors, in their order."""
        columns = {"kept": self.keep_queries_weight, "composed": self.compose_weight}
        return tuple(column for column, weight in columns.items() if weight)

    def as_dict(self) -> dict[str, Any]:
        """Return the weights by their full names, as the loss and the model card take them."""
        return {name: getattr(self, name) for name in options_of(LossWeights)}
