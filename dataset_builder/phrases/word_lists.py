"""Word lists of a language by the words' part in finding phrases, from ``words/LANGUAGE.yaml``."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from dualview.dataset_builder.phrases.language_tables import read_language_table, table_languages

_FOLDER = files("dualview.dataset_builder.phrases").joinpath("words")


@dataclass(frozen=True)
class Unit:
    """A unit of measure.

    :ivar form: an amount in words, with ``{n}`` for its number.
    :ivar before: how the unit is written in front of a number; ``behind`` likewise.
    """

    form: str
    before: tuple[str, ...]
    behind: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """The words of a language; all in lower case.

    :ivar function: words that end a phrase and are in none.
    :ivar before: words behind which a phrase about a thing begins; ``after`` are words behind one.
    :ivar weak: stems that name nothing by themselves.
    :ivar joining: small words inside a name.
    :ivar endings: of words that alone name no thing; ``verbal`` are those of verbs,
        ``adverbial`` those of adverbs.
    :ivar numbers: a number in words -> its digits.
    :ivar stem: gives the stem of a word.
    """

    language: str
    function: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]
    weak: frozenset[str]
    joining: frozenset[str]
    endings: tuple[str, ...]
    verbal: tuple[str, ...]
    adverbial: tuple[str, ...]
    numbers: Mapping[str, str]
    units: tuple[Unit, ...]
    versions: tuple[str, ...]
    stem: Callable[[str], str]


def known_languages() -> tuple[str, ...]:
    """The languages that have word lists."""
    return table_languages(_FOLDER)


@cache
def load_words(language: str) -> Words:
    """The words of a language; of ``any`` where it has no table."""
    language, table = read_language_table(_FOLDER, language)
    stem = _stemmer(table["stemmer"])
    return Words(
        language=language,
        function=_words(table["function"]),
        before=_words(table["before"]),
        after=_words(table["after"]),
        weak=frozenset(map(stem, _words(table["weak"]))),
        joining=_words(table["joining"]),
        endings=_texts(table.get("endings", ())),
        verbal=_texts(table.get("verbal", ())),
        adverbial=_texts(table.get("adverbial", ())),
        numbers={str(word): str(digits) for word, digits in table["numbers"].items()},
        units=tuple(map(_unit, table["units"])),
        versions=tuple(table["versions"]),
        stem=stem,
    )


def fold(word: str) -> str:
    """The word in lower case and without accents, so that "Café" is "cafe"."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.casefold())
    return unicodedata.normalize("NFC", "".join(part for part in parts if not unicodedata.combining(part)))


def _stemmer(algorithm: str) -> Callable[[str], str]:
    """The stem of a folded word by Snowball's algorithm of a language; without one the word itself."""
    if not algorithm:
        return str
    # It takes some time to import, and --help needs none of it.
    from snowballstemmer import stemmer

    stem: Callable[[str], str] = stemmer(algorithm).stemWord
    return stem


def _words(text: str) -> frozenset[str]:
    return frozenset(map(fold, text.split()))


def _unit(entry: Mapping[str, Any]) -> Unit:
    return Unit(str(entry["form"]), _texts(entry.get("before", ())), _texts(entry.get("behind", ())))


def _texts(entries: Iterable[object]) -> tuple[str, ...]:
    return tuple(map(str, entries))
