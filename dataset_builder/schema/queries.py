"""Items that come without an instruction and without attributes: queries with known answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import ClassVar

from dualview.dataset_builder.schema.passages import Passage, WithoutInstruction, WithPassages, rest_of
from dualview.dataset_builder.schema.views import Views


@dataclass(frozen=True)
class AnswerSet(WithoutInstruction, WithPassages):
    """A query that came without an instruction: both views have to be written, from one prompt.

    :param answers: passages known to answer the bare query, at least one.
    :param candidates: passages that a search found and that may answer it, likeliest first; with the answers
        at least two. A writer decides which of them do.
    :param hard_negatives: passages that look alike and do not answer the query.
    """

    set_id: str
    query_id: str
    query: str
    answers: tuple[Passage, ...]
    candidates: tuple[Passage, ...] = ()
    hard_negatives: tuple[Passage, ...] = ()
    domain: str | None = None
    source: str = ""
    license: str = ""

    views: ClassVar[Views] = ()
    split: ClassVar[None] = None
    suggested_writer: ClassVar[str] = "contrasts"

    @property
    def label(self) -> str:
        """The item as a message names it."""
        return f"query '{self.query_id}', which came without an instruction,"

    def fixed_passages(self) -> tuple[Passage, ...]:
        """The answers."""
        return self.answers

    def removable_passages(self) -> tuple[Passage, ...]:
        """Candidates, then hard negatives."""
        return (*self.candidates, *self.hard_negatives)

    def without(self, passages: Collection[Passage]) -> AnswerSet:
        """The set without some of its removable passages."""
        return replace(
            self,
            candidates=rest_of(self.candidates, passages),
            hard_negatives=rest_of(self.hard_negatives, passages),
        )


@dataclass(frozen=True)
class PlainQuery(WithoutInstruction, WithPassages):
    """A query without any passage that an instruction could exclude: a row of ``plain`` only."""

    query_id: str
    query: str
    answers: tuple[Passage, ...]
    hard_negatives: tuple[Passage, ...] = ()
    source: str = ""
    license: str = ""

    views: ClassVar[Views] = ()
    split: ClassVar[None] = None
    domain: ClassVar[None] = None

    @property
    def set_id(self) -> str:
        """The id of the query."""
        return self.query_id

    def fixed_passages(self) -> tuple[Passage, ...]:
        """The answers."""
        return self.answers

    def removable_passages(self) -> tuple[Passage, ...]:
        """The hard negatives."""
        return self.hard_negatives

    def without(self, passages: Collection[Passage]) -> PlainQuery:
        """The query without some of its hard negatives."""
        return replace(self, hard_negatives=rest_of(self.hard_negatives, passages))
