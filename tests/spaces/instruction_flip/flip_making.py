"""Small examples and fake encoders for tests without a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from flip.engine.compare import Comparison, ModelResult, run_model
from flip.engine.roles import BASE_ROLE, TRAINED_ROLE
from flip.types import Example, Passage, View


class TableEncoder:
    """An encoder with given vectors."""

    def __init__(self, vectors: Mapping[str, Sequence[float]], role: str = BASE_ROLE) -> None:
        self.name, self.role, self.linked_as = "table", role, "table"
        self._vectors = vectors
        self.asked: list[tuple[str, ...]] = []

    def join(self, query: str, instruction: str) -> str:
        return f"{query} {instruction}"

    def encode(self, texts: Sequence[str], side: str, progress: object = None) -> np.ndarray:
        self.asked.append(tuple(texts))
        return np.array([self._vectors[text] for text in texts], dtype=np.float32)


def make_example(count: int = 3, wanted: tuple[int | None, int | None] = (0, 1), **more: str) -> Example:
    """An example with passages d0, d1, ... and two views with a relevant passage each."""
    passages = tuple(Passage(f"d{n}", f"title {n}", f"text {n}") for n in range(count))
    views = tuple(
        View(f"instruction {name}", None if place is None else f"d{place}", lever)
        for name, place, lever in zip("ab", wanted, ("", "region"), strict=True)
    )
    return Example("set-1", "query", views, passages, domain="places", source="seeds", **more)


def make_result(example: Example, *orders: Sequence[int], role: str = BASE_ROLE) -> ModelResult:
    """A model that ranks the passages in these orders, one per view: ``(0, 2, 1)`` puts d0 first, then d2."""
    count = len(example.passages)
    vectors = {passage.joined: np.eye(count)[n] for n, passage in enumerate(example.passages)}
    # Without an instruction, in the order of the passages.
    vectors[example.query] = [1 - n / count for n in range(count)]
    for view, order in zip(example.views, orders, strict=True):
        vectors[f"{example.query} {view.instruction}"] = [1 - order.index(n) / count for n in range(count)]
    return run_model(example, TableEncoder(vectors, role))


def make_comparison(
    example: Example, base: Sequence[Sequence[int]], trained: Sequence[Sequence[int]]
) -> Comparison:
    """Both models over an example, each with one order per view."""
    return Comparison(example, make_result(example, *base), make_result(example, *trained, role=TRAINED_ROLE))
