"""Groups of levers: thousands of names for what an instruction turns on, in a dozen groups."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

#: The group of levers that are in none.
OTHER = "other"
_FILE = Path(__file__).with_name("levers.yaml")
_WORD = re.compile(r"\w+")
# What follows these words only says more of the head: "time of day".
_BEHIND = re.compile(r"\b(?:of|for|to|in|with|at|by|before|after|from|per|on|and|or)\b")


def lever_group(lever: str) -> str:
    """Name the group of a lever, from ``levers.yaml``: that of its head word, or of the word before it.

    Example::

        >>> from dualview.trainer.evaluation.practical.lever_groups import lever_group
        >>> lever_group("entry fee"), lever_group("time of day"), lever_group("xyzzy")
        ('price', 'date', 'other')
    """
    groups = _groups()
    head, *more = _BEHIND.split(lever.lower())
    for part in (head, *more):
        for word in reversed(_WORD.findall(part)):
            for form in _forms(word):
                if form in groups:
                    return groups[form]
    return OTHER


def _forms(word: str) -> Iterator[str]:
    """List a word, and what it may be the plural of."""
    yield word
    yield word.removesuffix("s")
    if word.endswith("ies"):
        yield word.removesuffix("ies") + "y"
    yield word.removesuffix("es")


@cache
def _groups() -> dict[str, str]:
    """The group of each word; the first that lists it."""
    found: dict[str, str] = {}
    for group, words in yaml.safe_load(_FILE.read_text(encoding="utf-8")).items():
        for word in words:
            found.setdefault(str(word), group)
    return found
