"""Items of a source: queries with the passages that are known for them.

A source yields *candidate sets*, which bring an original instruction, *sets with written views*, which bring
instructions for several of their texts, and *attributed topics*, *answer sets* and *plain queries*, which
bring none. Writers turn the first four into view pairs; a plain query becomes a row of the config ``plain``
and nothing else.

All kinds have the same names for what the stages of a build read: ``query_id``, ``set_id``, ``query``,
``instruction``, ``positive``, ``answers``, ``hard_negatives``, ``views``, ``split``, ``source``, ``license``,
``domain``, and the methods of :class:`~dualview.dataset_builder.schema.passages.WithPassages`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, TypeAlias

from dualview.dataset_builder.schema.passages import Passage, WithPassages, rest_of
from dualview.dataset_builder.schema.queries import AnswerSet, PlainQuery
from dualview.dataset_builder.schema.views import AllAnswer, Views, ViewSet


@dataclass(frozen=True)
class RecordedReversal:
    """A reversal that was written earlier: the passage it makes relevant, its lever, and its text."""

    target: str
    lever: str
    instruction: str


@dataclass(frozen=True)
class CandidateSet(WithPassages):
    """A query whose passages all answer it, and an instruction that only the positive meets.

    :param query_id: one search query; sets of the same query stay in one split.
    :param instruction: the original instruction.
    :param style: the form of the original instruction, such as ``plain`` or ``negation``.
    :param instruction_negatives: passages that answer the query and break the instruction.
    :param hard_negatives: passages that look alike and do not answer the query.
    :param recorded: recorded reversals by the docid that each makes relevant, for the writer ``replay``.
    :param views: written views of the positive and the instruction negatives, beside its own instructions.
    """

    set_id: str
    query_id: str
    query: str
    instruction: str
    positive: Passage
    instruction_negatives: tuple[Passage, ...]
    hard_negatives: tuple[Passage, ...] = ()
    style: str = ""
    domain: str | None = None
    paraphrase: str | None = None
    source: str = ""
    license: str = ""
    recorded: tuple[RecordedReversal, ...] = ()
    views: Views = ()

    split: ClassVar[None] = None

    @property
    def answers(self) -> tuple[Passage, ...]:
        """Passages that answer the bare query, the positive first."""
        return (self.positive, *self.instruction_negatives)

    @property
    def label(self) -> str:
        """The item as a message names it."""
        return f"candidate set '{self.set_id}'" + ("" if self.recorded else " without recorded reversals")

    @property
    def suggested_writer(self) -> str:
        """The writer that a message suggests for the item."""
        return "replay" if self.recorded else "contrasts"

    def recorded_texts(self) -> tuple[str, ...]:
        """The instructions that the set brings: its original, its recorded reversals, then its views."""
        reversals = (reversal.instruction for reversal in self.recorded)
        return (self.instruction, *reversals, *(view.instruction for view in self.views))

    def fixed_passages(self) -> tuple[Passage, ...]:
        """The positive."""
        return (self.positive,)

    def removable_passages(self) -> tuple[Passage, ...]:
        """Instruction negatives, then hard negatives."""
        return (*self.instruction_negatives, *self.hard_negatives)

    def without(self, passages: Collection[Passage]) -> CandidateSet:
        """The set without some of its removable passages."""
        return replace(
            self,
            instruction_negatives=rest_of(self.instruction_negatives, passages),
            hard_negatives=rest_of(self.hard_negatives, passages),
        )


@dataclass(frozen=True)
class AttributedTopic(AllAnswer):
    """Passages that all answer one query, each with attributes that distinguish it from the others.

    :param attributes: of each passage, name -> value, or its values where there are several.
    :param views: written views of the passages, beside what the attributes give.
    :param also: kinds of writers that write for the topic too, whichever takes it.
    """

    query_id: str
    query: str
    passages: tuple[Passage, ...]
    attributes: tuple[Mapping[str, str | tuple[str, ...]], ...]
    domain: str | None = None
    source: str = ""
    license: str = ""
    views: Views = ()
    also: tuple[str, ...] = ()

    split: ClassVar[None] = None
    suggested_writer: ClassVar[str] = "facets"

    @property
    def label(self) -> str:
        """The item as a message names it."""
        return f"attributed topic '{self.query_id}'"

    def without(self, passages: Collection[Passage]) -> AttributedTopic:
        """The topic without some passages and their attributes."""
        kept = [place for place, found in enumerate(self.passages) if found not in passages]
        return replace(
            self,
            passages=tuple(self.passages[place] for place in kept),
            attributes=tuple(self.attributes[place] for place in kept),
        )


#: Items that a writer turns into view pairs.
Item: TypeAlias = CandidateSet | AttributedTopic | AnswerSet | ViewSet
#: Items that a source yields.
SourceItem: TypeAlias = Item | PlainQuery
