"""Counts of the published instructions by source: of which kind they are, and how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dualview.dataset_builder.schema import KINDS, ViewPair

#: Stands for an instruction whose kind is not known.
UNKNOWN_KIND = "not named"
# Most words of each length, ascending; more than the last is one more length.
_BOUNDS = (1, 9, 19, 39)
LENGTHS = ("1 word", "2 to 9 words", "10 to 19 words", "20 to 39 words", "40 words or more")


class InstructionCounts:
    """Counts each instruction of an item once, however many pairs it is in."""

    def __init__(self) -> None:
        self._kinds: Counter[tuple[str, str]] = Counter()
        self._lengths: Counter[tuple[str, str]] = Counter()

    def add(self, pairs: Iterable[ViewPair]) -> None:
        """Count the instructions of an item's published pairs."""
        kinds: dict[tuple[str, str, str], str] = {}
        for pair in pairs:
            kinds[pair.source, pair.positive.docid, pair.instruction] = pair.kind
            kinds[pair.source, pair.reversed_positive.docid, pair.reversed_instruction] = pair.reversed_kind
        for (source, _, instruction), kind in kinds.items():
            self._kinds[source, kind or UNKNOWN_KIND] += 1
            self._lengths[source, length_of(instruction)] += 1

    def by_kind(self) -> dict[str, dict[str, int]]:
        """Source -> kind -> number of instructions, in the order of the kinds; 0 where there are none."""
        return _by_source(self._kinds, (*KINDS, UNKNOWN_KIND))

    def by_length(self) -> dict[str, dict[str, int]]:
        """Source -> length -> number of instructions, from short to long; 0 where there are none."""
        return _by_source(self._lengths, LENGTHS)


def length_of(instruction: str) -> str:
    """The length of an instruction, one of ``LENGTHS``; words are what white space separates."""
    words = len(instruction.split())
    return LENGTHS[sum(words > bound for bound in _BOUNDS)]


def _by_source(counts: Counter[tuple[str, str]], names: Iterable[str]) -> dict[str, dict[str, int]]:
    order = tuple(names)
    sources = sorted({source for source, _ in counts})
    return {source: {name: counts[source, name] for name in order} for source in sources}
