"""Proves by the words that a text mentions a phrase in no form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from dualview.dataset_builder.phrases.abbreviations import abbreviations
from dualview.dataset_builder.phrases.candidates import YEAR, Phrase
from dualview.dataset_builder.phrases.reading import PREFIX, ReadPassage

_FEWEST_LETTERS_INSIDE = 4
_FEWEST_INITIALS = 2
# Words of a text without a title, such as a query, that are taken for one.
_HEADING = 12
_DECADE = re.compile(r"\b(\d{3})0s\b|['\u2019](\d0)s\b")
_SHORT_YEAR = re.compile(r"['\u2019](\d\d)\b")
_YEARS = re.compile(r"\b((?:1[5-9]|20)\d\d)\s?(?:-|\u2013|to|until|and)\s?((?:1[5-9]|20)?\d\d)\b")


def occurs(phrase: Phrase, read: ReadPassage) -> bool:
    """Tell whether a text may mention a phrase in some form; False proves that it does in none.

    A text mentions it as soon as it has one of its content words in any inflection (the same stem, or the
    same first five letters), inside a longer word, with or without accents, hyphens and dots, or as a number
    in words; of a year, its decade or a span of years around it; of a name, its initials.
    """
    content = phrase.content or phrase.stems
    known, prefixes, squeezed = read.known_stems, read.prefixes, read.squeezed
    for stem in content:
        if stem in known:
            return True
        if len(stem) >= PREFIX and stem[:PREFIX] in prefixes:
            return True
        if len(stem) >= _FEWEST_LETTERS_INSIDE and stem in squeezed:
            return True
    if len(content) > 1 and "".join(content) in squeezed:
        return True
    if phrase.kind == YEAR:
        return _mentions_year(phrase.text, read)
    if len(content) > 1:
        initials = "".join(word[0] for word in phrase.text.split() if word[0].isupper())
        return len(initials) > 1 and initials in read.capitals
    return _is_short_for(phrase.text, read)


def _is_short_for(text: str, read: ReadPassage) -> bool:
    """Tell whether a word of capitals may be initials of a text's words, or an abbreviation of its title.

    "GIST" stands for "gastrointestinal stromal tumor": only the first letter begins a word for sure.
    """
    letters = "".join(letter for letter in text.removesuffix("s") if letter.isupper()).lower()
    if len(letters) < _FEWEST_INITIALS:
        return False
    if letters in read.initials:
        return True
    heading = "".join(read.parts[: 2 * (read.title or _HEADING)]).lower()
    first = re.search(rf"\b{letters[0]}", heading)
    if first is None:
        return False
    # Each letter behind the one before it; as one pattern this takes exponential time over some texts.
    behind = iter(heading[first.end() :])
    return all(letter in behind for letter in letters[1:])


def other_forms(phrase: Phrase, read: ReadPassage) -> Iterator[str]:
    """The abbreviation that the text introduces for a phrase, or what an abbreviation stands for."""
    introduced = abbreviations(read.text)
    if not introduced:
        return
    text = phrase.text.casefold()
    for long, short in introduced:
        if short.casefold() in (text, text.removesuffix("s")):
            yield long
        elif text in long.casefold():
            yield short


def _mentions_year(year: str, read: ReadPassage) -> bool:
    decades, short, spans = _years(read.text)
    if not decades.isdisjoint((year[:3], f"{year[2]}0")) or year[2:] in short:
        return True
    return any(first <= int(year) <= last for first, last in spans)


@lru_cache(maxsize=4_096)
def _years(text: str) -> tuple[frozenset[str], frozenset[str], tuple[tuple[int, int], ...]]:
    """Decades ("1990s" as 199, "'90s" as 90), years of two digits, and spans of years of a text."""
    decades = frozenset(match[1] or match[2] for match in _DECADE.finditer(text))
    short = frozenset(match[1] for match in _SHORT_YEAR.finditer(text))
    spans = []
    for match in _YEARS.finditer(text):
        first, last = int(match[1]), int(match[2])
        spans.append((first, last if len(match[2]) == 4 else first // 100 * 100 + last))
    return decades, short, tuple(spans)
