"""Attributes whose values are names, one a passage or several: an aspect, an audience, genres."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from dualview.dataset_builder.writers.facets.conditions import Attributes, Condition, HasValue, values_of
from dualview.dataset_builder.writers.facets.draws import Draw
from dualview.dataset_builder.writers.facets.frames import Frames

_MOST_CONDITIONS = 10_000


@dataclass(eq=False)
class NamedAttribute:
    """An attribute with named values.

    :ivar wordings: value -> its wordings.
    :ivar unknown_wordings: wordings of a value that ``wordings`` lacks; may raise an ``InputError``.
    :ivar ignored: values on which no instruction turns.
    :ivar overlaps: value -> values too near to be its opposite.
    :ivar doubtful: value -> other attribute -> values of that one which leave it open.
    """

    name: str
    frames: Mapping[str, Frames]
    lever: str
    pairs: int | None
    wordings: Mapping[str, tuple[str, ...]]
    unknown_wordings: Callable[[str, str], tuple[str, ...]]
    ignored: frozenset[str] = frozenset()
    overlaps: Mapping[str, frozenset[str]] = field(default_factory=dict)
    doubtful: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    _conditions: dict[str, HasValue] = field(default_factory=dict, init=False, repr=False)

    def distinguish(
        self, first: Attributes, second: Attributes, draw: Draw
    ) -> tuple[Condition, Condition] | None:
        """A value of the first that the second surely lacks, and the other way round; else ``None``."""
        of_first, of_second = values_of(first, self.name), values_of(second, self.name)
        wanted = self._lacking(of_first, second)
        unwanted = self._lacking(of_second, first)
        if not wanted or not unwanted:
            return None
        return draw.pick(wanted), draw.pick(unwanted)

    def _lacking(self, values: tuple[str, ...], attributes: Attributes) -> list[HasValue]:
        found = (self._condition(value) for value in values if value not in self.ignored)
        return [condition for condition in found if condition.holds(attributes) is False]

    def _condition(self, value: str) -> HasValue:
        condition = self._conditions.get(value)
        if condition is None:
            # Bounded: a cast of a million names must not stay in memory.
            if len(self._conditions) >= _MOST_CONDITIONS:
                self._conditions.clear()
            condition = self._conditions[value] = HasValue(
                attribute=self.name,
                value=value,
                say=partial(self._say, value),
                overlaps=self.overlaps.get(value, frozenset()),
                doubtful=self.doubtful.get(value, {}),
            )
        return condition

    def _say(self, value: str) -> tuple[str, ...]:
        return self.wordings.get(value) or self.unknown_wordings(self.name, value)
