"""Compositions in the words that people use: the instructions of the training rows.

A dataset's compositions have some hundreds of wordings, and names and nouns as phrases. People write "nothing
that I am expected to put right myself": what they exclude is often a clause, and hardly two word it alike.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets import Dataset

from dualview.trainer.composition.cue_table import languages as cue_languages
from dualview.trainer.composition.instructed import InstructedQuery, split_instruction
from dualview.trainer.data.compositions import FEATURES, WRITTEN
from dualview.trainer.query_template import join_instruction

# Exchanges of what an instruction excludes, for each of them.
_EXCHANGES = 3


@dataclass(frozen=True)
class _Instruction:
    """An instruction of a query, and what the rule finds in it."""

    query: str
    instruction: str
    split: InstructedQuery


@dataclass(frozen=True)
class _Reader:
    """Reads instructions by the table of a language."""

    language: str
    template: str

    def read(self, query: str, instruction: str) -> _Instruction:
        split = split_instruction(query, instruction, self.language, self.template)
        return _Instruction(query, instruction, split)

    def exchange(self, worded: _Instruction, meant: _Instruction) -> _Instruction | None:
        """Word what one instruction excludes as another does, with its query.

        :return: None where the rule does not find just that in these words.
        """
        text, start = worded.instruction, 0
        for mine, theirs in zip(worded.split.text.excluded, meant.split.text.excluded, strict=True):
            place = text.find(mine, start)
            if place < 0:
                return None
            text = text[:place] + theirs + text[place + len(mine) :]
            start = place + len(theirs)
        found = self.read(meant.query, text)
        same = found.split.text.excluded == meant.split.text.excluded and not found.split.wish
        return found if same else None


def written_compositions(
    rows: Iterable[Mapping[str, Any]], template: str, languages: Sequence[str]
) -> Dataset:
    """Make a composition of every instruction: its query, less what it excludes, and more of what it wishes.

    An encoder gives a wish too little weight beside the query that it is joined with, so it is a phrase of
    its own here. An instruction that only excludes is taken three times more, each time with the query of
    another one and with what that one excludes: so one wording is met with many phrases. No label is needed,
    since the base model's vectors say what is meant.

    :param rows: training rows, with ``query`` and ``instructions``.
    :param template: joins a query and an instruction.
    :param languages: of the rows; the first with a table of cues decides
        (:func:`dualview.trainer.composition.rule.split_exclusions`).
    :return: rows of the kind :data:`~dualview.trainer.data.compositions.WRITTEN`, each text once; none where
        no language has a table.
    """
    found: dict[str, dict[str, Any]] = {}
    for language in [code for code in languages if code in cue_languages()][:1]:
        reader = _Reader(language, template)
        read = [
            reader.read(row["query"], instruction)
            for row in rows
            for instruction in row["instructions"]
            if instruction.strip()
        ]
        for one in (*read, *_exchanged(read, reader)):
            text = join_instruction(one.query, one.instruction, template)
            found.setdefault(
                text,
                {
                    "query": one.split.text.wanted,
                    "phrases": list(one.split.text.excluded),
                    "kind": WRITTEN,
                    "text": text,
                    "wish": one.split.wish,
                },
            )
    columns = {name: [row[name] for row in found.values()] for name in FEATURES}
    return Dataset.from_dict(columns, features=FEATURES)


def _exchanged(read: Iterable[_Instruction], reader: _Reader) -> Iterator[_Instruction]:
    alike: dict[int, list[_Instruction]] = defaultdict(list)
    for one in read:
        if one.split.text.excluded and not one.split.wish:
            alike[len(one.split.text.excluded)].append(one)
    for exclusions in alike.values():
        for worded in exclusions:
            for number in range(_EXCHANGES):
                key = f"{number}\x1f{worded.query}\x1f{worded.instruction}"
                meant = exclusions[_number(key) % len(exclusions)]
                if exchanged := reader.exchange(worded, meant):
                    yield exchanged


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8])
