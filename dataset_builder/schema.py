"""The words of the builder as data, and the features of the four published configs.

A source yields *candidate sets* (with their original instruction), *attributed topics* or *answer sets*
(without any), and *plain queries*. A writer turns the first three into *view pairs*: the original instruction
and one reversal, over passages whose labels swap. A plain query goes to the config ``plain`` only, unwritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datasets import Features, List, Value


@dataclass(frozen=True)
class Passage:
    """A text that can be retrieved."""

    docid: str
    title: str
    text: str

    @property
    def encoded(self) -> str:
        """The passage as a retriever reads it: the title, a newline, the text."""
        return f"{self.title}\n{self.text}" if self.title else self.text

    def as_dict(self) -> dict[str, str]:
        """Return the passage as a row holds it."""
        return {"docid": self.docid, "title": self.title, "text": self.text}


@dataclass(frozen=True)
class CandidateSet:
    """A query whose passages all answer it, and an instruction that only the positive meets.

    :param query_id: one search query; sets of the same query stay in one split.
    :param instruction: the original instruction.
    :param style: how the original instruction is put, such as ``plain`` or ``negation``.
    :param instruction_negatives: passages that answer the query and break the instruction.
    :param hard_negatives: passages that look alike and do not answer the query.
    :param recorded: recorded reversals by the docid that each makes relevant, for the writer ``replay``.
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


@dataclass(frozen=True)
class RecordedReversal:
    """A reversal that was written earlier: the passage it makes relevant, what it turns on, and its text."""

    target: str
    lever: str
    instruction: str


@dataclass(frozen=True)
class AttributedTopic:
    """Passages that all answer one query, each with attributes that tell it from the rest.

    :param attributes: of each passage, name -> value, or its values where there are several.
    """

    query_id: str
    query: str
    passages: tuple[Passage, ...]
    attributes: tuple[Mapping[str, str | tuple[str, ...]], ...]
    domain: str | None = None
    source: str = ""
    license: str = ""


@dataclass(frozen=True)
class AnswerSet:
    """A query that came without an instruction: both views have to be written, from one prompt.

    :param answers: passages known to answer the bare query, at least one.
    :param candidates: passages that a search found and that may answer it, likeliest first; with the answers
        at least two. A writer says which of them do.
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


@dataclass(frozen=True)
class PlainQuery:
    """A query without any passage that an instruction could exclude: a row of ``plain``, no more."""

    query_id: str
    query: str
    answers: tuple[Passage, ...]
    hard_negatives: tuple[Passage, ...] = ()
    source: str = ""
    license: str = ""


@dataclass(frozen=True)
class Writer:
    """What wrote an instruction; ``model``, ``prompt_version`` and ``temperature`` where a model did."""

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
    """An original view and a reversed view of one candidate set: what a writer gives.

    :param positive: relevant under ``instruction`` and not under ``reversed_instruction``.
    :param reversed_positive: the other way round.
    :param other_instruction_negatives: answer the query and break *both* instructions. A passage that one
        of the two accepts, or of which nobody knows, is left out.
    :param answers: all passages known to answer the bare query, for the config ``plain``.
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


@dataclass(frozen=True)
class Rejection:
    """What was dropped, and why: a row of the config ``rejected``.

    :param reason: the rule or the event, one word in snake case, such as ``copies_passage``.
    :param detail: what was found, for a reader.
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


_TEXT = Value("string")
PASSAGE_FEATURE = {"docid": _TEXT, "title": _TEXT, "text": _TEXT}

DUAL_VIEW = Features(
    {
        "query_id": _TEXT,
        "set_id": _TEXT,
        "query": _TEXT,
        "instruction": _TEXT,
        "reversed_instruction": _TEXT,
        "paraphrased_instruction": _TEXT,
        "positive": PASSAGE_FEATURE,
        "reversed_positive": PASSAGE_FEATURE,
        "other_instruction_negatives": List(PASSAGE_FEATURE),
        "hard_negatives": List(PASSAGE_FEATURE),
        "lever": _TEXT,
        "style": _TEXT,
        "domain": _TEXT,
        "source": _TEXT,
        "license": _TEXT,
        "writer": {"kind": _TEXT, "model": _TEXT, "prompt_version": _TEXT, "temperature": Value("float32")},
        "checks": {
            "judge": _TEXT,
            "p_original": List(Value("float32")),
            "p_reversed": List(Value("float32")),
        },
    }
)

TRIPLETS = Features({"anchor": _TEXT, "positive": _TEXT, "negative": _TEXT})

PLAIN = Features(
    {
        "query_id": _TEXT,
        "query": _TEXT,
        "positives": List(PASSAGE_FEATURE),
        "hard_negatives": List(PASSAGE_FEATURE),
    }
)

REJECTED = Features(
    {
        "query_id": _TEXT,
        "set_id": _TEXT,
        "query": _TEXT,
        "instruction": _TEXT,
        "reversed_instruction": _TEXT,
        "positive": PASSAGE_FEATURE,
        "reversed_positive": PASSAGE_FEATURE,
        "writer_kind": _TEXT,
        "reason": _TEXT,
        "detail": _TEXT,
    }
)

#: The published configs, the default one first.
CONFIGS = {"dual_view": DUAL_VIEW, "triplets": TRIPLETS, "plain": PLAIN, "rejected": REJECTED}
SPLITS = ("train", "validation", "test")
