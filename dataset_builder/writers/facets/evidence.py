"""Evidence in a text for the values of its record: a label may only depend on the text of a passage."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dualview.cards.errors import InputError
from dualview.dataset_builder.writers.facets.attribute_entries import read_wordings


@dataclass(frozen=True)
class Evidence:
    """The words by which a text shows the values of an attribute.

    :ivar shown_by: value -> words; a value that is not listed is shown by its own name.
    """

    shown_by: Mapping[str, tuple[str, ...]]

    def judge(
        self, texts: Sequence[str], recorded: Sequence[tuple[str, ...]]
    ) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """For each passage of a topic, the values that it surely has, and those that stay unsure.

        A value is sure where record and text agree, and unsure where only one of them has it.

        :param texts: of the passages, casefolded.
        :param recorded: the values of each passage by its record.
        """
        values = tuple(dict.fromkeys(value for found in recorded for value in found))
        judged = []
        for text, claimed in zip(texts, recorded, strict=True):
            shown = {value for value in values if self._is_shown(value, text)}
            judged.append(
                (
                    tuple(value for value in claimed if value in shown),
                    tuple(value for value in values if (value in shown) != (value in claimed)),
                )
            )
        return judged

    def _is_shown(self, value: str, text: str) -> bool:
        words = self.shown_by.get(value) or (value,)
        return any(word in text and _pattern(word).search(text) for word in map(str.casefold, words))


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")


def read_evidence(entry: Mapping[str, object], where: str) -> Evidence | None:
    """Read ``shown_in_text`` and ``shown_by`` of an attribute's entry; ``None`` where it asks for none.

    :raises InputError: if it is wrong.
    """
    asked, given = entry.get("shown_in_text", False), entry.get("shown_by") or {}
    if not isinstance(asked, bool):
        raise InputError(f"{where}: 'shown_in_text' is '{asked}'; make it true or false")
    if not isinstance(given, dict):
        raise InputError(f"{where}: 'shown_by' is not a mapping; write it like {{Noir: [noir]}}")
    if not asked:
        if given:
            raise InputError(f"{where}: has 'shown_by' without 'shown_in_text: true'; add that, or remove it")
        return None
    return Evidence(
        {str(value): read_wordings(words, f"{where}, shown_by, '{value}'") for value, words in given.items()}
    )
