"""Types of the results of the API."""

from __future__ import annotations

from typing import TypedDict


class RankedPassage(TypedDict):
    """One passage in the result of ``rank``."""

    #: From 1.
    rank: int
    #: Its number in the input, from 1.
    passage: int
    #: Cosine similarity.
    score: float
    title: str


class ModelReply(TypedDict):
    """One model in the result of ``flip``; the last four are null unless both wanted passages are given."""

    role: str
    model: str
    #: One rank per passage, in the order of the input, under each instruction.
    ranks_a: list[int]
    ranks_b: list[int]
    #: The changes in one or two sentences.
    words: str
    obeys_a: bool | None
    obeys_b: bool | None
    flip: bool | None
    #: A fraction in (-1, 1).
    p_mrr: float | None


class FlipReply(TypedDict):
    """Result of ``flip``."""

    base: ModelReply
    second: ModelReply


class FoundPassage(TypedDict):
    """One passage in the result of ``search``."""

    rank: int
    docid: str
    score: float
    title: str
    text: str
    #: Rank under the other instruction.
    other_rank: int


class SearchReply(TypedDict):
    """Result of ``search``."""

    #: Number of passages searched.
    passages: int
    words: str
    top_a: list[FoundPassage]
    top_b: list[FoundPassage]
