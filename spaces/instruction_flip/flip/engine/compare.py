"""Comparison of two models on one example, computed live for the page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from flip.engine.device import Side
from flip.engine.models import Progress
from flip.engine.ranking import Ranking, p_mrr, rank, views_right
from flip.types import Example

#: Examples searched for the opening one, so that the page opens within seconds.
OPENING_SEARCH = 24


class TextEncoder(Protocol):
    """Interface of a model."""

    name: str
    role: str
    linked_as: str

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
    """Rankings of one model for an example, one per view."""

    role: str
    name: str
    linked_as: str
    rankings: tuple[Ranking, ...]
    right: tuple[bool, ...] | None
    p_mrr: float | None

    @property
    def obeys_all(self) -> bool:
        """True if every view has its relevant passage at rank 1."""
        return self.right is not None and all(self.right)


@dataclass(frozen=True)
class Comparison:
    """Results of the base and the trained model on the same example."""

    example: Example
    base: ModelResult
    trained: ModelResult


@dataclass(frozen=True)
class Opening:
    """The first example of the page, and the result of the search for it."""

    comparison: Comparison
    searched: int
    found: bool


def run_model(example: Example, encoder: TextEncoder, progress: Progress | None = None) -> ModelResult:
    """Rank the passages under every view.

    All passages are encoded in one call, all instructed queries in another.
    """
    docids = [passage.docid for passage in example.passages]
    passages = encoder.encode([passage.joined for passage in example.passages], "passage", progress)
    instructed = [encoder.join(example.query, view.instruction) for view in example.views]
    queries = encoder.encode(instructed, "query")
    rankings = tuple(rank(query, passages, docids) for query in queries)
    views = example.views
    right, figure = views_right(rankings, views), p_mrr(rankings, views)
    return ModelResult(encoder.role, encoder.name, encoder.linked_as, rankings, right, figure)


def compare(
    example: Example, base: TextEncoder, trained: TextEncoder, progress: ModelProgress | None = None
) -> Comparison:
    """Run both models on one example.

    :param progress: called with the model and the number of new passages encoded so far and in total.
    """
    results = [
        run_model(example, encoder, partial(progress, encoder) if progress else None)
        for encoder in (base, trained)
    ]
    return Comparison(example, *results)


def find_opening(
    examples: Sequence[Example], base: TextEncoder, trained: TextEncoder, limit: int = OPENING_SEARCH
) -> Opening:
    """Return the first example where the trained model obeys every instruction and the base does not.

    If there is none among the first ``limit`` examples, return the first example.

    :param examples: at least one.
    """
    searched = examples[:limit]
    for example in searched:
        comparison = compare(example, base, trained)
        if comparison.trained.obeys_all and not comparison.base.obeys_all:
            return Opening(comparison, len(searched), found=True)
    return Opening(compare(examples[0], base, trained), len(searched), found=False)


class OpeningCache:
    """Cache of the opening example; concurrent callers wait for one search."""

    def __init__(self, examples: Sequence[Example], base: TextEncoder, trained: TextEncoder) -> None:
        self._examples, self._base, self._trained = examples, base, trained
        self._lock = threading.Lock()
        self._opening: Opening | None = None

    def get(self) -> Opening:
        """Return the opening example; after an error the next call tries again."""
        with self._lock:
            if self._opening is None:
                self._opening = find_opening(self._examples, self._base, self._trained)
            return self._opening
