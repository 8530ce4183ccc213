"""Reads years, amounts and versions from a text, as far as they can be compared."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from dualview.dataset_builder.phrases.word_lists import Words, load_words

YEAR, AMOUNT, VERSION = KINDS = ("year", "amount", "version")
_YEAR = re.compile(r"(?<![\w$\u20ac\u00a3#.,/-])(?:1[5-9]|20)\d\d(?![\w%/-]|[.,]\d)")
_DIGIT = re.compile(r"\d")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"


@dataclass(frozen=True)
class Quantity:
    """A kind of value that two texts may have.

    :ivar form: an amount in words, with ``{n}`` for its number; of years and versions the number alone.
    """

    kind: str
    form: str = "{n}"

    def write(self, value: float) -> str:
        """The value as a wording names it."""
        number = f"{value:,.2f}".rstrip("0").rstrip(".") if value >= 10_000 else f"{value:g}"
        return self.form.replace("{n}", f"{value:.0f}" if self.kind == YEAR else number)


#: The values of a text by what they measure, each once.
Values = Mapping[Quantity, frozenset[float]]


def read_values(text: str, words: Words) -> Values:
    """The values of a text.

    Numbers with a sign for thousands other than a comma, and those of a span ("10-20 minutes"), are not read
    as single values: a span counts with both its ends.
    """
    found: dict[Quantity, set[float]] = defaultdict(set)
    for match in _YEAR.finditer(text):
        found[Quantity(YEAR)].add(float(match[0]))
    if _DIGIT.search(text):
        for pattern, quantities in _patterns(words.language):
            for match in pattern.finditer(text):
                quantity = quantities.get(match["unit"].casefold())
                # Case is ignored more widely in patterns: they take the dotless Turkish "i" for an "i".
                if quantity is None:
                    continue
                for number in (match["number"], match["to"]):
                    if number:
                        found[quantity].add(float(number.replace(",", "")))
    return {quantity: frozenset(values) for quantity, values in found.items()}


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], Mapping[str, Quantity]], ...]:
    words = load_words(language)
    before = {sign.casefold(): Quantity(AMOUNT, unit.form) for unit in words.units for sign in unit.before}
    behind = {sign.casefold(): Quantity(AMOUNT, unit.form) for unit in words.units for sign in unit.behind}
    versions = {word.casefold(): Quantity(VERSION) for word in words.versions}
    patterns = []
    span = rf"(?P<number>{_NUMBER})(?:\s?(?:-|\u2013|to|or)\s?(?P<to>{_NUMBER}))?"
    if before:
        patterns.append((rf"(?<!\w)(?P<unit>{_any_of(before)})\s?{span}(?![\w%])", before))
    if behind:
        patterns.append((rf"(?<![\w.,$\u20ac\u00a3]){span}[\s-]?(?P<unit>{_any_of(behind)})(?!\w)", behind))
    patterns.append((rf"(?<!\w)(?P<unit>{_any_of(versions)})[\s.]?{span}(?![\w%]|\.\d)", versions))
    return tuple((re.compile(pattern, re.IGNORECASE), quantities) for pattern, quantities in patterns)


def _any_of(signs: Iterable[str]) -> str:
    return "|".join(re.escape(sign) for sign in sorted(signs, key=len, reverse=True))


def value_between(quantity: Quantity, low: float, high: float) -> float | None:
    """The roundest number between two values; None where there is none that people would say.

    Both are left out, so that "before" and "up to" mean the same.
    """
    for step in (1000.0, 500.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5):
        if step < 1 and quantity.kind == YEAR:
            return None
        value = (low // step + 1) * step
        if low < value < high:
            return value
    return None
