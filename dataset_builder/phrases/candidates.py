"""Finds phrases of a passage that name a thing: names, years, and terms of its language.

A *name* is a run of capitalised words that is no mere opening of a sentence. A *term* is a run of up to three
other words between a word after which a thing is named ("of", "the") and one that follows a thing ("and",
"is", a full stop): the idea of RAKE (Rose et al. 2010), with both ends held to be such words, so that verbs
stay out. Both are found by regular expressions over the passage's shape. Libraries for key phrases take some
ten milliseconds a passage; this takes a hundredth of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dualview.dataset_builder.phrases.reading import (
    ADVERB,
    CAPITAL,
    DIGIT,
    ENDING,
    FUNCTION,
    VERBAL,
    WEAK,
    ReadPassage,
)

NAME, YEAR, TERM, TITLE = KINDS = ("name", "year", "term", "title")
_LONGEST_NAME = 4
_LONGEST_TITLE = 5
_FEWEST_LETTERS = 3
# Quantifiers give nothing back ("*+"): a part of a name, "Bank" of "Bank of England", is another name.
_NAME = re.compile(
    r"[NI](?:(?:[_-]|(?<=I)\.)[NIdy]|_[jXB](?:_[jXB])?(?=_[NI]))*+(?![_-][cNIdy])(?!(?<=I)\.[NI])"
)
_TERM = re.compile(r"(?<=[bxBXG]_)[cNIdy](?:[_-][cNIdy]){0,2}+(?=[.,']|_[axX])")
_TITLE = re.compile(r"(?:G_)?[cNIdy](?:[_-][jXBcNIdy])*(?<=[cNIdy])")
_YEAR = re.compile(r"(?<=[_.,])y(?=[_.,])")


class Phrase(NamedTuple):
    """A phrase of a passage.

    :ivar text: as the passage has it.
    :ivar stems: of all its words; ``content`` are those of words that are more than function words.
    :ivar first: place of its first word in the passage.
    """

    text: str
    stems: tuple[str, ...]
    content: tuple[str, ...]
    kind: str
    first: int


class Span(NamedTuple):
    """The place of a phrase: most candidates are common words, and dropped before they are made phrases.

    :ivar first: place of its first word; ``end`` is behind the last one.
    """

    kind: str
    first: int
    end: int


def find_spans(read: ReadPassage) -> dict[tuple[str, ...], Span]:
    """The phrases of a passage behind its title by their stems, each once: names, terms, then years."""
    found: dict[tuple[str, ...], Span] = {}
    for span in _spans(read):
        found.setdefault(read.stems[span.first : span.end], span)
    return found


def title_span(read: ReadPassage) -> Span | None:
    """The title as a phrase; None if it is too long, a sentence, or has no word that names anything."""
    end = read.title
    if not 0 < end <= _LONGEST_TITLE or not _TITLE.fullmatch(read.shape, 1, 2 * end):
        return None
    if not any(_names_something(flag) for flag in read.flags[:end]):
        return None
    return Span(TITLE, 0, end)


def _spans(read: ReadPassage) -> Iterator[Span]:
    """The phrases behind the title."""
    start = 2 * read.title
    for match in _NAME.finditer(read.shape, start):
        if (name := _name(read, match.start() // 2, match.end() // 2)) is not None:
            yield Span(NAME, *name)
    for match in _TERM.finditer(read.shape, start):
        first, end = match.start() // 2, match.end() // 2
        if _is_term(read, first, end):
            yield Span(TERM, first, end)
    for match in _YEAR.finditer(read.shape, start):
        place = match.start() // 2
        if _is_year(read.parts[2 * place], read.parts[2 * place + 2]):
            yield Span(YEAR, place, place + 1)


def _name(read: ReadPassage, first: int, end: int) -> tuple[int, int] | None:
    """A run of capitalised words without the mere opening of its sentence; None if it is no name then."""
    flags, before = read.flags, read.shape[2 * first]
    if before == "." or first == read.title:
        if end - first == 1:
            return None
        if flags[first] & WEAK:
            first += 1
            # "Dollar Arm" of "Million Dollar Arm"
            if flags[first] & FUNCTION or read.stems[first] in read.stems[: read.title]:
                return None
    # "Her" in front of it makes "Heart" a part of "Larceny in Her Heart".
    elif before == "'" or (before == "_" and read.shape[2 * first - 1] in "GF" and _inside(read, first - 1)):
        return None
    # "Areflexia 90%" is a name and a share.
    if not 0 < end - first <= _LONGEST_NAME or (flags[end - 1] & DIGIT and read.parts[2 * end][:1] == "%"):
        return None
    if end - first == 1:
        is_name = _names_something(flags[first]) and len(read.parts[2 * first + 1]) >= _FEWEST_LETTERS
    else:
        is_name = any(map(_names_something, flags[first:end]))
    return (first, end) if is_name else None


def _inside(read: ReadPassage, place: int) -> bool:
    """Tell whether a word opens neither its sentence nor the text."""
    return place > read.title and read.shape[2 * place] != "."


def _names_something(flag: int) -> bool:
    return not flag & (WEAK | FUNCTION | DIGIT)


def _is_term(read: ReadPassage, start: int, end: int) -> bool:
    first, last = read.flags[start], read.flags[end - 1]
    if last & (DIGIT | ENDING) or first & (ADVERB | DIGIT):
        return False
    if end - start == 1:
        return (
            len(read.parts[2 * start + 1]) >= _FEWEST_LETTERS
            and not first & CAPITAL
            and _names_something(first)
        )
    capital = lower = names = False
    for flag in read.flags[start:end]:
        capital = capital or bool(flag & CAPITAL)
        lower = lower or not flag & (CAPITAL | DIGIT)
        names = names or _names_something(flag)
    # "starring Anna Berger", "Berger returning"
    return lower and names and not (capital and (first | last) & VERBAL)


def _is_year(before: str, behind: str) -> bool:
    """Tell whether four digits are no part of an amount, a longer number or a date in digits."""
    return before[-1:] not in tuple("$\u20ac\u00a3#\u2013/.,") and (
        len(behind) != 1 or behind in " .,)\n;:?!"
    )


def make_phrase(read: ReadPassage, span: Span) -> Phrase:
    """The phrase at a place."""
    kind, start, end = span
    stems, flags = read.stems[start:end], read.flags[start:end]
    # A list is made faster than a generator runs, and this is done for every phrase of every passage.
    content = tuple([stem for stem, flag in zip(stems, flags, strict=True) if not flag & FUNCTION])
    text = " ".join("".join(read.parts[2 * start + 1 : 2 * end]).split())
    # Without the genitive at its end.
    text = text[:-2] if text.endswith(("'s", "\u2019s")) else text
    return Phrase(text, stems, content, kind, start)
