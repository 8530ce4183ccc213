"""Attributes with whole numbers, such as years, which differ by value, bound, range or decade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dualview.dataset_builder.writers.facets.conditions import Attributes, Condition, values_of
from dualview.dataset_builder.writers.facets.draws import Draw
from dualview.dataset_builder.writers.facets.frames import Frames

#: Comparisons of the templates of a number attribute, and the slots that they fill.
COMPARISONS: Mapping[str, tuple[str, ...]] = {
    "equal": ("value",),
    "below": ("value",),
    "above": ("value",),
    "between": ("low", "high"),
    "decade": ("value",),
}
_WIDEST_RANGE = 10


@dataclass(frozen=True)
class InRange:
    """The condition that a number is in a range.

    :ivar low: the least number that meets it, ``None`` for no bound; ``high`` the greatest.
    :ivar open_ends: whether readers differ on the bounds themselves, as with "between 1940 and 1945".
    """

    attribute: str
    low: int | None
    high: int | None
    wordings: tuple[str, ...]
    open_ends: bool = False

    def holds(self, attributes: Attributes) -> bool | None:
        """Tell whether the number is in the range; ``None`` where there is none, or it is an open end."""
        number = number_of(attributes, self.attribute)
        if number is None or (self.open_ends and number in (self.low, self.high)):
            return None
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


@dataclass(eq=False)
class NumberAttribute:
    """An attribute with one whole number a passage.

    :ivar templates: comparison -> templates with the slots of ``COMPARISONS``; those that lack are not drawn.
    """

    name: str
    frames: Mapping[str, Frames]
    lever: str
    pairs: int | None
    templates: Mapping[str, tuple[str, ...]]

    def distinguish(
        self, first: Attributes, second: Attributes, draw: Draw
    ) -> tuple[Condition, Condition] | None:
        """A range with the first number and without the second, and the other way round; else ``None``."""
        ours, theirs = number_of(first, self.name), number_of(second, self.name)
        if ours is None or theirs is None or ours == theirs:
            return None
        wanted, unwanted = self._draw_range(ours, theirs, draw), self._draw_range(theirs, ours, draw)
        return None if wanted is None or unwanted is None else (wanted, unwanted)

    def _draw_range(self, inside: int, outside: int, draw: Draw) -> InRange | None:
        """A range around one number that leaves out the other."""
        possible = [name for name in self.templates if _can_say(name, inside, outside)]
        if not possible:
            return None
        comparison = draw.pick(possible)
        distance = abs(outside - inside)
        if comparison == "equal":
            return self._range(comparison, inside, inside, value=str(inside))
        if comparison == "below":
            bound = inside + 1 + draw.below(distance)
            return self._range(comparison, None, bound - 1, value=str(bound))
        if comparison == "above":
            bound = inside - 1 - draw.below(distance)
            return self._range(comparison, bound + 1, None, value=str(bound))
        if comparison == "decade":
            start = inside // 10 * 10
            return self._range(comparison, start, start + 9, value=f"{start}s")
        down = 1 + draw.below(_WIDEST_RANGE if outside > inside else min(distance - 1, _WIDEST_RANGE))
        up = 1 + draw.below(_WIDEST_RANGE if outside < inside else min(distance - 1, _WIDEST_RANGE))
        low, high = inside - down, inside + up
        return self._range(comparison, low, high, low=str(low), high=str(high))

    def _range(self, comparison: str, lowest: int | None, highest: int | None, **slots: str) -> InRange:
        wordings = []
        for template in self.templates[comparison]:
            for slot, value in slots.items():
                template = template.replace(f"{{{slot}}}", value)
            wordings.append(template)
        return InRange(self.name, lowest, highest, tuple(wordings), open_ends=comparison == "between")


def number_of(attributes: Attributes, name: str) -> int | None:
    """The number of a passage; ``None`` where it has none, or several."""
    values = values_of(attributes, name)
    try:
        return int(values[0]) if len(values) == 1 else None
    except ValueError:
        return None


def _can_say(comparison: str, inside: int, outside: int) -> bool:
    """Tell whether a comparison can hold for one number and surely not for the other."""
    if comparison == "below":
        return inside < outside
    if comparison == "above":
        return inside > outside
    if comparison == "decade":
        return inside // 10 != outside // 10
    if comparison == "between":
        return abs(inside - outside) > 1
    return True
