"""Views about a value: before a year, under an amount, after a version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dualview.dataset_builder.phrases.values import AMOUNT, VERSION, YEAR, Quantity, value_between
from dualview.dataset_builder.schema import Mention
from dualview.dataset_builder.writers.contrasts.reading import Known
from dualview.dataset_builder.writers.contrasts.wording_table import (
    ABOVE,
    BELOW,
    EXCLUSION,
    INCLUSION,
    Wordings,
    fill,
)
from dualview.dataset_builder.writers.facets.draws import Draw

_LEVERS = {YEAR: "time", AMOUNT: "quantity", VERSION: "version"}
# Characters behind the title in which a passage names a year that dates it.
_OPENING = 200


@dataclass(frozen=True)
class Range:
    """A limit between the values of two passages.

    :ivar low: the passage with the lower values; ``high`` the other.
    """

    quantity: Quantity
    limit: float
    low: Known
    high: Known

    @property
    def lever(self) -> str:
        """What an instruction about it turns on."""
        return _LEVERS[self.quantity.kind]

    def write(self, side: str, table: Wordings, split: str, draw: Draw) -> str:
        """An instruction that wants the values of one side: ``below`` or ``above``."""
        wording = draw.pick(table.ranges[self.quantity.kind][side][split])
        return fill(wording, v=self.quantity.write(self.limit))

    def meets(self, side: str, known: Known) -> bool | None:
        """Tell whether a passage is on one side with all its values; None where it has none, or on both."""
        values = known.values.get(self.quantity, frozenset())
        sides = {BELOW if value < self.limit else ABOVE for value in values}
        return None if len(sides) != 1 or self.limit in values else side in sides

    def mentions(self, positive: Known, other: Known) -> Iterator[Mention]:
        """The values of both passages, each with 1 where a passage has it."""
        ours, theirs = (known.values.get(self.quantity, frozenset()) for known in (positive, other))
        for value in sorted(ours | theirs):
            yield Mention(self.quantity.write(value), int(value in ours), int(value in theirs))


def find_ranges(one: Known, other: Known) -> list[Range]:
    """The limits that part all values of two passages, which date the passages or are their only amounts."""
    found = []
    for quantity in sorted(one.values.keys() & other.values.keys(), key=lambda known: known.form):
        ours, theirs = one.values[quantity], other.values[quantity]
        if not (_tells(quantity, one) and _tells(quantity, other)):
            continue
        low, high = (one, other) if max(ours) < min(theirs) else (other, one)
        limit = value_between(quantity, max(low.values[quantity]), min(high.values[quantity]))
        if limit is not None:
            found.append(Range(quantity, limit, low, high))
    return found


def kind_of(text: str, table: Wordings) -> str:
    """Exclusion for a wording that begins by ruling out ("nothing above", "not from"), else inclusion."""
    words = text.casefold().split()
    return EXCLUSION if set(words[:1]) & set(table.carriers[EXCLUSION]["train"]) else INCLUSION


def _tells(quantity: Quantity, known: Known) -> bool:
    """Tell whether a passage's values of a kind say something of the whole passage."""
    values = known.values[quantity]
    if quantity.kind != YEAR:
        return len(values) == 1
    opening = known.read.text[: len(known.passage.title) + _OPENING]
    return any(f"{value:.0f}" in opening for value in values)
