"""Outcomes of writing an item: view pairs, and rejections with their reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from dualview.dataset_builder.schema.evidence import Evidence
from dualview.dataset_builder.schema.items import CandidateSet, Item, SourceItem
from dualview.dataset_builder.schema.passages import Passage


@dataclass(frozen=True)
class Writer:
    """The author of an instruction; ``model``, ``prompt_version`` and ``temperature`` where it is a model."""

    kind: str
    model: str | None = None
    prompt_version: str | None = None
    temperature: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the writer as a row holds it."""
        return {
            "kind": self.kind,
            "model": self.model,
            "prompt_version": self.prompt_version,
            "temperature": self.temperature,
        }


@dataclass(frozen=True)
class ViewPair:
    """An original view and a reversed view of one candidate set.

    :param positive: relevant under ``instruction`` and not under ``reversed_instruction``.
    :param reversed_positive: the other way round.
    :param other_instruction_negatives: answer the query and break *both* instructions. A passage that one
        of the two accepts, or whose label is unknown, is left out.
    :param answers: all passages known to answer the bare query, for the config ``plain``.
    :param lever: of the reversed instruction.
    :param kind: kind of the original instruction, see :data:`~dualview.dataset_builder.schema.views.KINDS`;
        empty where it is not known, as are ``reversed_kind`` and ``original_lever``.
    :param evidence: proof of the labels in the words of both passages, where the writer has one.
    :param by_hand: whether the source brought both instructions, so that no rule of style drops them.
    """

    set_id: str
    query_id: str
    query: str
    instruction: str
    reversed_instruction: str
    positive: Passage
    reversed_positive: Passage
    other_instruction_negatives: tuple[Passage, ...]
    hard_negatives: tuple[Passage, ...]
    answers: tuple[Passage, ...]
    lever: str
    style: str
    writer: Writer
    paraphrased_instruction: str | None = None
    domain: str | None = None
    source: str = ""
    license: str = ""
    kind: str = ""
    reversed_kind: str = ""
    original_lever: str = ""
    by_hand: bool = False
    evidence: Evidence | None = None

    @classmethod
    def of_item(
        cls,
        item: Item,
        *,
        positive: Passage,
        reversed_positive: Passage,
        instruction: str,
        reversed_instruction: str,
        writer: Writer,
        others: tuple[Passage, ...] = (),
        lever: str = "",
        style: str = "",
        paraphrase: str | None = None,
        set_id: str | None = None,
    ) -> ViewPair:
        """The pair of two views over the passages of an item, with what the item says of itself.

        :param others: answer the query and break both instructions.
        :param set_id: name of the pair's candidate set, where it is not the item's.
        """
        return cls(
            set_id=item.set_id if set_id is None else set_id,
            query_id=item.query_id,
            query=item.query,
            instruction=instruction,
            reversed_instruction=reversed_instruction,
            positive=positive,
            reversed_positive=reversed_positive,
            other_instruction_negatives=others,
            hard_negatives=item.hard_negatives,
            answers=item.answers,
            lever=lever,
            style=style,
            writer=writer,
            paraphrased_instruction=paraphrase,
            domain=item.domain,
            source=item.source,
            license=item.license,
        )

    @classmethod
    def of_set(
        cls,
        item: CandidateSet,
        target: Passage,
        reversed_instruction: str,
        *,
        writer: Writer,
        others: tuple[Passage, ...],
        lever: str = "",
    ) -> ViewPair:
        """The pair of a set's original view and the reversal that makes ``target`` relevant.

        :param others: answer the query and break both instructions.
        """
        return cls.of_item(
            item,
            positive=item.positive,
            reversed_positive=target,
            instruction=item.instruction,
            reversed_instruction=reversed_instruction,
            writer=writer,
            others=others,
            lever=lever,
            style=item.style,
            paraphrase=item.paraphrase,
        )


@dataclass(frozen=True)
class Rejection:
    """A pair or an item that was dropped, and why: a row of the config ``rejected``.

    :param reason: the rule or the event, one word in snake case, such as ``copies_passage``.
    :param detail: the finding, for a reader.
    """

    query_id: str
    set_id: str
    query: str
    writer_kind: str
    reason: str
    detail: str = ""
    instruction: str | None = None
    reversed_instruction: str | None = None
    positive: Passage | None = None
    reversed_positive: Passage | None = None

    @classmethod
    def of(cls, pair: ViewPair, reason: str, detail: str) -> Rejection:
        """The rejection of a written pair."""
        return cls(
            query_id=pair.query_id,
            set_id=pair.set_id,
            query=pair.query,
            writer_kind=pair.writer.kind,
            reason=reason,
            detail=detail,
            instruction=pair.instruction,
            reversed_instruction=pair.reversed_instruction,
            positive=pair.positive,
            reversed_positive=pair.reversed_positive,
        )

    @classmethod
    def of_item(
        cls,
        item: SourceItem,
        reason: str,
        detail: str,
        *,
        writer_kind: str = "",
        reversed_instruction: str | None = None,
    ) -> Rejection:
        """The rejection of an item of which no pair was written."""
        return cls(
            query_id=item.query_id,
            set_id=item.set_id,
            query=item.query,
            writer_kind=writer_kind,
            reason=reason,
            detail=detail,
            instruction=item.instruction,
            reversed_instruction=reversed_instruction,
            positive=item.positive,
        )


#: The result of writing one pair.
Outcome: TypeAlias = ViewPair | Rejection
