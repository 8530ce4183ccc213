"""Settings of a reranker, and of what is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dualview.trainer.option import Range, option

RETRIEVER, RERANKER = "retriever", "reranker"


@dataclass(frozen=True, kw_only=True)
class RerankerSettings:
    """Options of a reranker."""

    TITLE: ClassVar[str] = "reranker"

    kind: str = option(
        RETRIEVER,
        "what is trained: an encoder of queries and passages, or a CrossEncoder that reads them together",
        (RETRIEVER, RERANKER),
    )
    pointwise_weight: float = option(
        0.5,
        "each passage by itself, relevant or not: gives a reranker's score a zero, as a judge needs it",
        Range(0),
    )
