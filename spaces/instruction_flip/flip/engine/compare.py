"""Comparison of two models on one example."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np

from flip.engine.device import Side
from flip.engine.models import Progress
from flip.engine.ranking import Ranking, p_mrr, rank, views_right
from flip.types import NEUTRAL, Example


class Named(Protocol):
    """What the page calls a model."""

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def role(self) -> str: ...  # noqa: D102

    @property
    def linked_as(self) -> str: ...  # noqa: D102


class TextEncoder(Named, Protocol):
    """Interface of a model."""

    def encode(self, texts: Sequence[str], side: Side, progress: Progress | None = None) -> np.ndarray:
        """Return unit vectors, shape ``(len(texts), dim)``."""
        ...

    def join(self, query: str, instruction: str) -> str:
        """Return query and instruction as one text."""
        ...


#: Called with a model, the number of new passages it has encoded, and their total.
ModelProgress = Callable[[TextEncoder, int, int], None]


@dataclass(frozen=True)
class ModelResult:
    """Rankings of one model for an example: one for the bare query, and one per view."""

    role: str
    name: str
    linked_as: str
    neutral: Ranking
    rankings: tuple[Ranking, ...]
    right: tuple[bool, ...] | None
    p_mrr: float | None

    @property
    def obeys_all(self) -> bool:
        """True if every view has its relevant passage at rank 1."""
        return self.right is not None and all(self.right)

    def ranking(self, view: int) -> Ranking:
        """Return the ranking under a view, or that of the bare query for ``NEUTRAL``."""
        return self.neutral if view == NEUTRAL else self.rankings[view]


@dataclass(frozen=True)
class Comparison:
    """Results of the base and the trained model on the same example.

    :param is_recorded: True if they come with the Space and were not computed here.
    :param cuts: passages that a model does not read to the end: characters, title included, that it reads.
    :param tokens: the number of tokens of a passage that are read; 0 if it is not known.
    """

    example: Example
    base: ModelResult
    trained: ModelResult
    is_recorded: bool = False
    cuts: Mapping[str, int] = field(default_factory=dict)
    tokens: int = 0

    @property
    def start(self) -> int:
        """The view to begin with: the first one that the base model obeys, so that the flip is the event."""
        right = self.base.right or ()
        return right.index(True) if True in right else 0


def judge(example: Example, model: Named, neutral: Ranking, rankings: tuple[Ranking, ...]) -> ModelResult:
    """Return the rankings with what they say about obedience."""
    right, figure = views_right(rankings, example.views), p_mrr(rankings, example.views)
    return ModelResult(model.role, model.name, model.linked_as, neutral, rankings, right, figure)


def queries_of(example: Example, encoder: TextEncoder) -> list[str]:
    """Return the texts of the bare query and of the query under every view, as a model reads them."""
    return [example.query, *(encoder.join(example.query, view.instruction) for view in example.views)]


def run_model(example: Example, encoder: TextEncoder, progress: Progress | None = None) -> ModelResult:
    """Rank the passages for the bare query and under every view.

    All passages are encoded in one call, all queries in another.
    """
    docids = [passage.docid for passage in example.passages]
    passages = encoder.encode([passage.joined for passage in example.passages], "passage", progress)
    queries = encoder.encode(queries_of(example, encoder), "query")
    neutral, *rankings = [rank(query, passages, docids) for query in queries]
    return judge(example, encoder, neutral, tuple(rankings))


def compare(
    example: Example, base: TextEncoder, trained: TextEncoder, progress: ModelProgress | None = None
) -> Comparison:
    """Run both models on one example.

    :param progress: called with the model and the number of new passages encoded so far and in total.
    """
    first, second = (
        run_model(example, encoder, partial(progress, encoder) if progress else None)
        for encoder in (base, trained)
    )
    return Comparison(example, first, second)
