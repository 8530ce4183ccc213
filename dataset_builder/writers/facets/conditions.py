"""Conditions of instructions, which the attributes of a passage meet, break, or leave open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeAlias

from dualview.dataset_builder.writers.facets.draws import Draw
from dualview.dataset_builder.writers.facets.frames import Frames

#: Attributes of one passage; one with several values (the genres of a film) has a tuple of them. Values of
#: which it is unknown whether the passage has them are under the attribute's name with ``UNSURE`` after it.
Attributes: TypeAlias = Mapping[str, str | tuple[str, ...]]
UNSURE = " (unsure)"


class Condition(Protocol):
    """A condition on the attributes of a passage, and the wordings that name it."""

    @property
    def wordings(self) -> tuple[str, ...]:
        """Different wordings of the condition, all of which fit the frames of the attribute's reading."""
        ...

    def holds(self, attributes: Attributes) -> bool | None:
        """Tell whether a passage meets it; ``None`` where that is unsure."""
        ...


class Attribute(Protocol):
    """An attribute that distinguishes passages.

    :ivar frames: by kind, the sentences that its wordings fit.
    :ivar lever: the name under which its pairs are counted.
    :ivar pairs: number of pairs of passages of a topic that are written for it; ``None`` for all.
    """

    name: str
    frames: Mapping[str, Frames]
    lever: str
    pairs: int | None

    def distinguish(
        self, first: Attributes, second: Attributes, draw: Draw
    ) -> tuple[Condition, Condition] | None:
        """Find conditions that distinguish two passages.

        :return: one that the first passage meets and the second breaks, and one the other way round; None
            where there are none.
        """
        ...


@dataclass(frozen=True, eq=False)
class HasValue:
    """The condition that an attribute has a value.

    :ivar say: gives the wordings; called once, and only where the condition is put into words.
    :ivar overlaps: values of the attribute that are so near that a passage with one may count as having it.
    :ivar doubtful: values of other attributes, by attribute, that are as near.
    """

    attribute: str
    value: str
    say: Callable[[], tuple[str, ...]]
    overlaps: frozenset[str] = frozenset()
    doubtful: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _unsure: str = field(init=False, repr=False, default="")

    def __post_init__(self) -> None:
        # Put together once: the condition is asked of many passages.
        object.__setattr__(self, "_unsure", self.attribute + UNSURE)

    @cached_property
    def wordings(self) -> tuple[str, ...]:
        """Different ways to name the value."""
        return self.say()

    def holds(self, attributes: Attributes) -> bool | None:
        """Tell whether a passage has the value; None for a near value, or without the attribute."""
        found = attributes.get(self.attribute)
        if found is None:
            return None
        values = (found,) if isinstance(found, str) else found
        if self.value in values:
            return True
        if not self.overlaps.isdisjoint(values) or self.value in attributes.get(self._unsure, ()):
            return None
        for name, near in self.doubtful.items():
            if not near.isdisjoint(values_of(attributes, name)):
                return None
        return False


def values_of(attributes: Attributes, name: str) -> tuple[str, ...]:
    """The values of an attribute, none where the passage lacks it."""
    value = attributes.get(name, ())
    return (value,) if isinstance(value, str) else value
