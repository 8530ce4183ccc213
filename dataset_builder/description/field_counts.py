"""Counts the values of fields, in memory that does not grow with the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.sources.documents.values import as_values, leaves

_MOST_FIELDS = 200
_MOST_VALUES = 5_000
_MOST_CHARACTERS = 80


@dataclass
class FieldCounts:
    """The values of one field.

    :ivar rows: number of rows that have one.
    :ivar values: number of rows with each, of the short ones that came first.
    :ivar many: whether there are more values than are counted.
    :ivar long: number of rows whose value is a text.
    :ivar words: words of these texts.
    :ivar several: number of rows with several values.
    :ivar numbers: number of values that are whole numbers.
    """

    rows: int = 0
    values: Counter[str] = field(default_factory=Counter)
    many: bool = False
    long: int = 0
    words: int = 0
    several: int = 0
    numbers: int = 0

    def add(self, value: object) -> None:
        """Count the value of a row."""
        values = as_values(value)
        self.rows += bool(values)
        self.several += len(values) > 1
        for one in values:
            if len(one) > _MOST_CHARACTERS:
                self.long += 1
                self.words += len(one.split())
            elif one in self.values or len(self.values) < _MOST_VALUES:
                self.values[one] += 1
                self.numbers += one.lstrip("-").isdecimal()
            else:
                self.many = True

    @property
    def is_text(self) -> bool:
        """Whether most values are long texts."""
        return 2 * self.long > self.rows

    @property
    def comes_again(self) -> bool:
        """Whether values come twice or more on average, and there are several."""
        return not self.is_text and not self.many and len(self.values) > 1 and self.mean >= 2

    @property
    def mean(self) -> float:
        """Mean number of rows of a value."""
        return self.values.total() / max(1, len(self.values))

    @property
    def is_number(self) -> bool:
        """Whether all short values are whole numbers."""
        return bool(self.values) and self.numbers == self.values.total()


def count_fields(rows: Iterable[Row]) -> tuple[int, Mapping[str, FieldCounts]]:
    """The number of rows and the counts of each field; nested fields are named like ``made.year``."""
    fields: dict[str, FieldCounts] = {}
    number = 0
    for row in rows:
        number += 1
        for name, value in leaves(row.fields):
            if name in fields or len(fields) < _MOST_FIELDS:
                fields.setdefault(name, FieldCounts()).add(value)
    return number, fields
