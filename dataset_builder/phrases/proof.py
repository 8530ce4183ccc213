"""Proves by the words that a text mentions a phrase in no form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dualview.dataset_builder.phrases.candidates import NAME, YEAR, Phrase
from dualview.dataset_builder.phrases.reading import PREFIX, ReadPassage

_FEWEST_LETTERS_INSIDE = 4
_DECADE = re.compile(r"\b(\d{3})0s\b|['\u2019](\d0)s\b")
_SHORT_YEAR = re.compile(r"['\u2019](\d\d)\b")
_YEARS = re.compile(r"\b((?:1[5-9]|20)\d\d)\s?(?:-|\u2013|to|until|and)\s?((?:1[5-9]|20)?\d\d)\b")
# "World Health Organization (WHO)" and "WHO (World Health Organization)"
_INTRODUCED = re.compile(r"((?:[\w'\u2019-]+ ){1,8})\(([A-Z][A-Za-z0-9-]{1,9})s?\)")
_EXPLAINED = re.compile(r"\b([A-Z][A-Z0-9-]{1,8})s? \(((?:[\w'\u2019-]+[ )]){1,8})")


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
    if phrase.kind == NAME and len(phrase.content) > 1:
        return "".join(word[0] for word in phrase.text.split() if word[0].isupper()) in read.capitals
    return False


def other_forms(phrase: Phrase, read: ReadPassage) -> Iterator[str]:
    """The abbreviation that the text introduces for a phrase, or what an abbreviation stands for."""
    if "(" not in read.text:
        return
    text = phrase.text.casefold()
    for long, short in _abbreviations(read.text):
        if short.casefold() == text:
            yield long
        elif long.casefold() == text or text in long.casefold():
            yield short


def _abbreviations(text: str) -> Iterator[tuple[str, str]]:
    for match in _INTRODUCED.finditer(text):
        words, short = match[1].split(), match[2]
        letters = [letter for letter in short if letter.isalpha()]
        start = max(0, len(words) - len(letters))
        # The words whose first letters it is; small words between them have none.
        while start > 0 and words[start][0].casefold() != letters[0].casefold():
            start -= 1
        if words[start][0].casefold() == letters[0].casefold():
            yield " ".join(words[start:]), short
    for match in _EXPLAINED.finditer(text):
        long = match[2].rstrip(" )")
        if long[:1].casefold() == match[1][0].casefold():
            yield long, match[1]


def _mentions_year(year: str, read: ReadPassage) -> bool:
    text, wanted = read.text, int(year)
    if any((match[1] or match[2]) in (year[:3], f"{year[2]}0") for match in _DECADE.finditer(text)):
        return True
    if any(match[1] == year[2:] for match in _SHORT_YEAR.finditer(text)):
        return True
    for match in _YEARS.finditer(text):
        first = int(match[1])
        last = int(match[2]) if len(match[2]) == 4 else first // 100 * 100 + int(match[2])
        if first <= wanted <= last:
            return True
    return False
