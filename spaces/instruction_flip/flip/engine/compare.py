"""Two models over one example: everything the page shows is computed here, live."""

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

#: The opening example is searched among this many, so that the page opens within seconds.
OPENING_SEARCH = 24


class TextEncoder(Protocol):
    """What a model must offer."""

    name: str
    role: str
    linked_as: str

    def encode(self, texts: Sequence[str], side: Side, progress: Progress | None = None) -> np.ndarray:
        """Return unit vectors, shape ``(len(texts), dim)``."""
        ...

    def join(self, query: str, instruction: str) -> str:
        """Return the text that stands for query and instruction."""
        ...


#: Called with a model, the number of new passages it has encoded, and their total.
Told = Callable[[TextEncoder, int, int], None]


@dataclass(frozen=True)
class ModelResult:
    """One model's rankings of an example, one a view."""

    role: str
    name: str
    linked_as: str
    rankings: tuple[Ranking, ...]
    right: tuple[bool, ...] | None
    p_mrr: float | None

    @property
    def turned_over(self) -> bool:
        """Whether every view is right."""
        return self.right is not None and all(self.right)


@dataclass(frozen=True)
class Comparison:
    """Base and trained model over the same example."""

    example: Example
    base: ModelResult
    trained: ModelResult


@dataclass(frozen=True)
class Opening:
    """The example that the page opens on, and how it was chosen."""

    comparison: Comparison
    searched: int
    found: bool


def run_model(example: Example, encoder: TextEncoder, progress: Progress | None = None) -> ModelResult:
    """Rank the passages under every view: passages in one batch, instructed queries in another."""
    docids = [passage.docid for passage in example.passages]
    passages = encoder.encode([passage.joined for passage in example.passages], "passage", progress)
    instructed = [encoder.join(example.query, view.instruction) for view in example.views]
    queries = encoder.encode(instructed, "query")
    rankings = tuple(rank(query, passages, docids) for query in queries)
    views = example.views
    right, figure = views_right(rankings, views), p_mrr(rankings, views)
    return ModelResult(encoder.role, encoder.name, encoder.linked_as, rankings, right, figure)


def compare(
    example: Example, base: TextEncoder, trained: TextEncoder, progress: Told | None = None
) -> Comparison:
    """Run both models over one example.

    :param progress: told which model has encoded how many of how many new passages.
    """
    results = [
        run_model(example, encoder, partial(progress, encoder) if progress else None)
        for encoder in (base, trained)
    ]
    return Comparison(example, *results)


def find_opening(
    examples: Sequence[Example], base: TextEncoder, trained: TextEncoder, limit: int = OPENING_SEARCH
) -> Opening:
    """Return the first example that the trained model turns over and the base model does not.

    Where there is none among the first ``limit``, the first example of all, whatever it shows.

    :param examples: at least one.
    """
    searched = examples[:limit]
    for example in searched:
        comparison = compare(example, base, trained)
        if comparison.trained.turned_over and not comparison.base.turned_over:
            return Opening(comparison, len(searched), found=True)
    return Opening(compare(examples[0], base, trained), len(searched), found=False)


class OpeningCache:
    """Finds the opening example once; whoever asks meanwhile waits for it."""

    def __init__(self, examples: Sequence[Example], base: TextEncoder, trained: TextEncoder) -> None:
        self._examples, self._base, self._trained = examples, base, trained
        self._lock = threading.Lock()
        self._opening: Opening | None = None

    def get(self) -> Opening:
        """Return the opening; an error is not remembered, so the next caller tries again."""
        with self._lock:
            if self._opening is None:
                self._opening = find_opening(self._examples, self._base, self._trained)
            return self._opening
