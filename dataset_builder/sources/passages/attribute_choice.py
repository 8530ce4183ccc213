"""Chooses the attributes of a corpus that can tell its passages apart, and says why others cannot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dualview.cards.text import shorten
from dualview.dataset_builder.sources.passages.record import Record

# Values of an attribute that are counted; an attribute with more is a text or an id.
_MOST_VALUES = 2_000
_MOST_NAMES = 200
# A corpus may name its fields as it likes, and have many.
_SHOWN_CHARACTERS = 1_000
# Words of a value that can stand in an instruction.
_MOST_WORDS = 5
# Part of the values that must come again.
_COMES_AGAIN = 0.5
_ADDRESS = re.compile(
    r"\w+:/|www\.|\.{0,2}/|[^\s@]+@[^\s@]+$|[\w-]+\.(?:md|html?|png|jpe?g|pdf)$", re.IGNORECASE
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_SIGN = re.compile(r"[0-9a-f-]{16,}", re.IGNORECASE)


@dataclass
class ValueCounts:
    """The values of an attribute and the number of documents with each.

    :ivar documents: number of documents that have any.
    :ivar many: whether there are too many values to count.
    """

    values: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    many: bool = False

    def add(self, values: Sequence[str]) -> None:
        """Count the values of a document."""
        self.documents += 1
        for value in values:
            if value in self.values or len(self.values) < _MOST_VALUES:
                self.values[value] += 1
            else:
                self.many = True

    def common(self) -> list[tuple[str, int]]:
        """The values that several documents have, the most frequent first."""
        return sorted(
            ((value, count) for value, count in self.values.items() if count > 1),
            key=lambda entry: (-entry[1], entry[0]),
        )


class AttributeChoice:
    """Counts the values of each attribute over the documents of a source.

    :param named: the attributes that a user chose; None to choose by their values.
    """

    def __init__(self, named: Sequence[str] | None = None) -> None:
        self.counts: dict[str, ValueCounts] = {}
        self._named = None if named is None else tuple(named)
        self._document = ""

    def learn(self, record: Record) -> None:
        """Count the values of a record, once for all passages of a document."""
        if record.document and record.document == self._document:
            return
        self._document = record.document
        for name, values in record.attributes.items():
            if name in self.counts or len(self.counts) < _MOST_NAMES:
                self.counts.setdefault(name, ValueCounts()).add(values)

    def missing(self) -> list[str]:
        """Attributes that were named and that no record has."""
        return [name for name in self._named or () if name not in self.counts]

    def chosen(self) -> list[str]:
        """The attributes that are used, in the order in which they were found."""
        if self._named is not None:
            return [name for name in self._named if name in self.counts]
        return [name for name in self.counts if not self.why_not(name)]

    def why_not(self, name: str) -> str:
        """The reason why an attribute cannot tell passages apart by itself; empty for one that can."""
        counts = self.counts[name]
        common = counts.common()
        again = sum(count for _, count in common)
        texts = [value for value, _ in common[:50]] or list(counts.values)[:50]
        if len(counts.values) < 2:
            return "has one value"
        for reason, holds in _REASONS:
            if 2 * sum(map(holds, texts)) >= len(texts):
                return reason
        if counts.many or len(common) < 2 or again < _COMES_AGAIN * sum(counts.values.values()):
            return "hardly a value comes twice"
        return ""

    def lines(self) -> list[str]:
        """Two lines at most: the attributes that are used, and the others with their reasons."""
        chosen = self.chosen()
        used = ", ".join(f"{name} ({len(self.counts[name].values):,} values)" for name in chosen)
        others = ", ".join(
            f"{name} ({self.why_not(name) or 'not named'})" for name in self.counts if name not in chosen
        )
        lines = (("attributes", used), ("not used", others))
        return [f"{what}: {shorten(names, _SHOWN_CHARACTERS)}" for what, names in lines if names]


_REASONS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("is true or false", lambda value: value in ("true", "false")),
    ("holds addresses", lambda value: bool(_ADDRESS.match(value))),
    ("holds dates", lambda value: bool(_DATE.match(value))),
    ("holds ids", lambda value: bool(_SIGN.fullmatch(value))),
    ("holds long texts", lambda value: len(value.split()) > _MOST_WORDS),
)
