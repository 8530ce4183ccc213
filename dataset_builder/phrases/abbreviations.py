"""Finds abbreviations that a text introduces: "World Health Organization (WHO)", "WHO (World Health …)"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_SHORT = re.compile(r"\(([A-Z][A-Za-z0-9-]{1,9}?)s?\)")
_EXPLAINED = re.compile(r"\b([A-Z][A-Z0-9-]{1,8})s? \(([^()]{3,90})\)")
_LOOKED_BACK = 100
# Words of the long form that give no letter, such as "of" and "the".
_SMALL_WORDS = 3
_KEPT_TEXTS = 4_096


@lru_cache(maxsize=_KEPT_TEXTS)
def abbreviations(text: str) -> tuple[tuple[str, str], ...]:
    """Long and short forms, in the order of the text."""
    return tuple(_find(text)) if "(" in text else ()


def _find(text: str) -> Iterator[tuple[str, str]]:
    for match in _SHORT.finditer(text):
        words = text[max(0, match.start() - _LOOKED_BACK) : match.start()].split()
        most = sum(map(str.isalpha, match[1])) + _SMALL_WORDS
        # The nearest word that begins like the abbreviation, but not before as many words as it has letters.
        first = next(
            (at for at in range(max(0, len(words) - most), len(words)) if _starts(words, at, match[1])), None
        )
        if first is not None:
            yield " ".join(words[first:]), match[1]
    for match in _EXPLAINED.finditer(text):
        if match[2][0].casefold() == match[1][0].casefold() and " " in match[2]:
            yield match[2], match[1]


def _starts(words: list[str], at: int, short: str) -> bool:
    return words[at][:1].casefold() == short[0].casefold()
