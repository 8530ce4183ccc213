"""Finds the headings that an instruction can turn on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_NUMBER = re.compile(
    r"^(?:(?:chapter|section|part|step|kapitel|teil|schritt|chapitre|capítulo|глава)\s+)?"
    r"[\dIVX](?:[.):]?[\dIVX])*+[.):]?\s*[-:.)]*\s+|^§\s*\d+\w?\s+",
    re.IGNORECASE,
)
_ONLY_NUMBER = re.compile(r"(?:[^\W\d]+\s+)?[\dIVX.:)-]+")
_WORD = re.compile(r"[^\W_]+")
# Five words in a row of a passage, whose title a heading is, would count as copied.
_MOST_WORDS = 4
_MOST_CHARACTERS = 60
# First letters by which words count as one: "installing" and "installation".
_PREFIX = 5
_FEWEST_LETTERS = 3


def clean_heading(heading: str, text: str) -> str:
    """A heading as an instruction can name it; empty for one that says nothing, or is a sentence.

    :param text: the document; a word that stands in it in small letters is written so.
    """
    words = _NUMBER.sub("", heading.strip()).strip(" *_`#:.-\u2013\u2014")
    if (
        not words
        or _ONLY_NUMBER.fullmatch(words)
        or words[-1] in "?!…"
        or any(c in words for c in ".;{}<>|\\=")
    ):
        return ""
    if len(words.split()) > _MOST_WORDS or len(words) > _MOST_CHARACTERS or not _content(words):
        return ""
    if " ".join(_WORD.findall(words.casefold())) in _weak_headings():
        return ""
    first = words.split()[0]
    small = first.lower()
    if small in _no_names():
        return ""
    if first != small and first[1:].islower() and re.search(rf"\b{re.escape(small)}\b", text):
        words = small + words[len(first) :]
    return words


def distinct_headings(headings: Iterable[str]) -> frozenset[str]:
    """Headings that share no word with an earlier one: who asks for one of them is not served by another."""
    kept: list[str] = []
    taken: set[str] = set()
    for heading in dict.fromkeys(headings):
        content = _content(heading)
        if content and taken.isdisjoint(content):
            kept.append(heading)
        taken |= content
    return frozenset(kept)


def _content(heading: str) -> frozenset[str]:
    words = _WORD.findall(heading.casefold())
    return frozenset(word[:_PREFIX] for word in words if len(word) >= _FEWEST_LETTERS or not word.isascii())


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(
        files(__package__).joinpath("headings.yaml").read_text(encoding="utf-8")
    )
    return table


@cache
def _weak_headings() -> frozenset[str]:
    entries = (entry for line in _table()["weak"].values() for entry in line.split(";"))
    return frozenset(" ".join(_WORD.findall(entry)) for entry in entries)


@cache
def _no_names() -> frozenset[str]:
    return frozenset(_table()["no_name"].split())
