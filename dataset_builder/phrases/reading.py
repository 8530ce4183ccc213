"""Reads passages into words with their stems and their parts in finding phrases.

All of a word that does not depend on its place is found once for each language and kept, so that reading a
passage is little more than one regular expression and one look-up a word.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from dualview.dataset_builder.phrases.word_lists import Words, fold
from dualview.dataset_builder.schema import Passage

WEAK, CAPITAL, DIGIT, ENDING, VERBAL, ADVERB, FUNCTION = (1 << place for place in range(7))
#: Number of places for document frequencies; see :mod:`dualview.dataset_builder.phrases.frequencies`.
SLOTS = 1 << 21
#: First letters by which two forms of a word are recognised where the stems differ.
PREFIX = 5

_TOKEN = re.compile(r"([^\W_]+(?:['\u2019][^\W_]+)*)")
_APOSTROPHE = re.compile("['\u2019]")
_GENITIVE = ("'s", "\u2019s")
_ENDS_SENTENCE = re.compile(r"[.!?:;\n\u2022*|\u2026\"\u201c\u201d\u201e]| - ")
_SQUEEZED = {ord(character): None for character in "-\u2010\u2011\u2013.'\u2019"}
_MOST_KEPT = 400_000


class WordFacts(NamedTuple):
    """Facts of a word that hold wherever it stands.

    :ivar stem: of the folded word; a number in words has its digits.
    :ivar flags: sum of the flags of this module.
    :ivar letter: its class in the shape of a passage, see :class:`ReadPassage`.
    :ivar slot: place of the stem's document frequency; ``cased_slot`` that of its capitalised form, if it is
        one.
    """

    stem: str
    flags: int
    letter: str
    slot: int
    cased_slot: int


class Lexicon(dict[str, WordFacts]):
    """Facts of the words of a language, found when they are first looked up."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.gaps = _Gaps()

    def __missing__(self, token: str) -> WordFacts:
        if len(self) >= _MOST_KEPT:
            self.clear()
        words = self.words
        plain = token[:-2] if token.endswith(_GENITIVE) else token
        word = fold(plain)
        stem = words.numbers.get(word) or words.stem(word)
        # "I'm" and "it's" are function words as "I" and "it" are.
        function = any(form in words.function for form in (word, fold(token), _APOSTROPHE.split(word)[0]))
        flags = 0
        for flag, holds in (
            (WEAK, stem in words.weak),
            (CAPITAL, plain[0].isupper()),
            (DIGIT, plain[0].isdigit() or word in words.numbers),
            (ENDING, bool(words.endings) and word.endswith(words.endings)),
            (VERBAL, bool(words.verbal) and word.endswith(words.verbal)),
            (ADVERB, bool(words.adverbial) and word.endswith(words.adverbial)),
            (FUNCTION, function),
        ):
            flags |= flag if holds else 0
        slot = _slot(stem)
        cased = _slot(f"^{stem}") if flags & CAPITAL else slot
        # Where no words are known, a name ends at every word in lower case.
        function = function or not (words.function or plain[0].isupper() or plain[0].isdigit())
        letter = _function_letter(word, plain, words) if function else _content_letter(plain)
        facts = WordFacts(stem, flags, letter, slot, cased)
        self[token] = facts
        return facts


class _Gaps(dict[str, str]):
    """The class of what stands between two words."""

    def __missing__(self, gap: str) -> str:
        if len(self) >= _MOST_KEPT:
            self.clear()
        if gap in (" ", "\u00a0"):
            letter = "_"
        elif gap in ("-", "\u2010", "\u2011"):
            letter = "-"
        elif _ENDS_SENTENCE.search(gap):
            letter = "."
        else:
            letter = "'" if gap[:1] in ("'", "\u2019") else ","
        self[gap] = letter
        return letter


def _content_letter(plain: str) -> str:
    if plain[0].isdigit():
        return "y" if re.fullmatch(r"(?:1[5-9]|20)\d\d", plain) else "d"
    if plain[0].isupper():
        return "I" if len(plain) == 1 else "N"
    return "c"


def _function_letter(word: str, plain: str, words: Words) -> str:
    if plain[0].isupper():
        return "G" if word in words.before else "F"
    before, after, joins = word in words.before, word in words.after, word in words.joining
    if before and after:
        return "X" if joins else "x"
    if before:
        return "B" if joins else "b"
    return "a" if after else ("j" if joins else "f")


def _slot(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) % SLOTS


@dataclass(eq=False)
class ReadPassage:
    """A text as its words.

    :ivar parts: the text cut into what stands between words (even places) and words (odd places).
    :ivar stems: of each word; ``flags``, ``slots`` and ``cased_slots`` likewise.
    :ivar shape: one letter a part. Between words: ``_`` space, ``-`` hyphen, ``.`` end of a sentence, ``'``
        apostrophe, ``,`` other. Words: ``c`` content, ``N`` capitalised, ``I`` initial, ``d`` digits, ``y``
        year; function words ``b`` before a thing, ``a`` after one, ``x`` both, ``f`` neither; ``B``, ``X``,
        ``j`` the same where they may stand inside a name, ``G`` and ``F`` capitalised.
    :ivar title: number of words of the title, which come first.
    """

    text: str
    parts: list[str]
    stems: tuple[str, ...]
    flags: tuple[int, ...]
    slots: tuple[int, ...]
    cased_slots: tuple[int, ...]
    shape: str
    title: int

    @cached_property
    def joined(self) -> str:
        """The stems in one string, see :func:`joined`."""
        return joined(self.stems)

    @cached_property
    def joined_title(self) -> str:
        """The stems of the title in one string; without a title it contains nothing."""
        return joined(self.stems[: self.title]) if self.title else ""

    @cached_property
    def normal_text(self) -> str:
        """The text without regard to case and line breaks, with a space before and after each word."""
        return f" {' '.join(self.text.casefold().split())} "

    @cached_property
    def known_stems(self) -> frozenset[str]:
        """The different stems."""
        return frozenset(self.stems)

    @cached_property
    def content_stems(self) -> frozenset[str]:
        """The different stems of words that are more than function words."""
        flagged = zip(self.stems, self.flags, strict=True)
        return frozenset(stem for stem, flag in flagged if not flag & FUNCTION)

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """The first letters of the longer stems."""
        return frozenset(stem[:PREFIX] for stem in self.known_stems if len(stem) >= PREFIX)

    @cached_property
    def squeezed(self) -> str:
        """The folded text without hyphens, dots and apostrophes."""
        return fold(self.text).translate(_SQUEEZED)

    @cached_property
    def capitals(self) -> frozenset[str]:
        """The words in capitals alone, such as abbreviations."""
        return frozenset(word for word in self.parts[1::2] if len(word) > 1 and word.isupper())

    @cached_property
    def initials(self) -> str:
        """The first letters of all words, folded."""
        return "".join(stem[:1] for stem in self.stems)

    def count(self, stems: Sequence[str]) -> int:
        """How often a phrase occurs."""
        return self.joined.count(joined(stems))


def joined(stems: Sequence[str]) -> str:
    """Stems in one string, each with its own space before and after it, so that a phrase is a part of it."""
    return f" {'  '.join(stems)} "


def read_text(text: str, lexicon: Lexicon, title: str = "") -> ReadPassage:
    """Read a text.

    :param title: the text's beginning that is a title.
    """
    parts = _TOKEN.split(text)
    facts = list(map(lexicon.__getitem__, parts[1::2]))
    stems, flags, letters, slots, cased = zip(*facts, strict=True) if facts else ((), (), (), (), ())
    shape = [""] * len(parts)
    shape[::2] = list(map(lexicon.gaps.__getitem__, parts[::2]))
    shape[1::2] = letters
    words = len(_TOKEN.findall(title)) if title else 0
    return ReadPassage(text, parts, stems, flags, slots, cased, "".join(shape), words)


def read_passage(passage: Passage, lexicon: Lexicon) -> ReadPassage:
    """Read a passage with its title."""
    return read_text(passage.encoded, lexicon, passage.title)
