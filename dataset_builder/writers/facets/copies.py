"""Finds five words in a row that an instruction shares with a passage: they would reveal the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from dualview.dataset_builder.schema import Passage

_RUN = 5
_WORD = re.compile(r"\w+")
# A word that is in no passage: no run goes from one instruction into the next.
_BETWEEN = " __dualview__ "


class Copies:
    """The runs of five words of a topic's passages, found once for all its instructions."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._texts = tuple(passage.encoded for passage in passages)

    def any_in(self, *instructions: str) -> bool:
        """Tell whether an instruction has five words in a row of a passage, without case and punctuation."""
        return not self._runs.isdisjoint(_runs(_BETWEEN.join(instructions)))

    @cached_property
    def _runs(self) -> frozenset[tuple[str, ...]]:
        runs: set[tuple[str, ...]] = set()
        for text in self._texts:
            runs.update(_runs(text))
        return frozenset(runs)


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return zip(*(words[start:] for start in range(_RUN)), strict=False)
