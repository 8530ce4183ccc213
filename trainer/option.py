"""Options of a training run: one line of a dataclass says all that is known of an option.

That is its default, help text, allowed values, other names, and whether it identifies a run. Its group in
``--help`` is that of the class it is a field of.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from dualview.cards.errors import InputError

# Characters of a wrong value that a message shows.
_SHOWN = 60


class OptionGroup(Protocol):
    """A frozen dataclass whose fields are options."""

    TITLE: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


@dataclass(frozen=True)
class Range:
    """Finite numbers that an option takes.

    :param low: the smallest one, or the bound below all of them where ``above`` is set.
    :param high: the largest one, or the bound above all of them where ``below`` is set.
    :param or_also: one more number, outside the bounds.
    """

    low: float = 0
    high: float = math.inf
    above: bool = False
    below: bool = False
    or_also: float | None = None

    def __contains__(self, value: float) -> bool:
        if not math.isfinite(value):
            return False
        fits_low = value > self.low if self.above else value >= self.low
        fits_high = value < self.high if self.below else value <= self.high
        return (fits_low and fits_high) or value == self.or_also

    def __str__(self) -> str:
        text = f"{'above' if self.above else 'at least'} {self.low:g}"
        if math.isfinite(self.high):
            text += f" and {'below' if self.below else 'at most'} {self.high:,.10g}"
        return text if self.or_also is None else f"{text}, or {self.or_also:g}"


@dataclass(frozen=True)
class Option:
    """Facts of an option.

    :param help: text for ``--help``.
    :param allowed: numbers or words that it takes; None where any value of its type is right.
    :param also: names that other tools have for it; they are accepted in its place.
    :param renamed: an earlier name of ours, accepted with a hint.
    :param identifies: whether two runs that differ in it are two different runs. False for what says where
        a run is kept, how long it may go on and what its card is called.
    """

    help: str
    allowed: Range | tuple[str, ...] | None = None
    also: tuple[str, ...] = ()
    renamed: str = ""
    identifies: bool = True

    def check(self, name: str, value: object) -> None:
        """Check a value, or each item of a list or a mapping.

        :raises InputError: naming the option and what it may be.
        """
        allowed: Any = self.allowed
        for item in _items(value):
            if allowed is not None and item not in allowed:
                words = f"one of {self.choices}" if self.choices else str(allowed)
                raise InputError(f"{name} is {shown(item)}; it must be {words}")

    @property
    def choices(self) -> str:
        """The words that it takes, with commas; empty where it takes others."""
        return ", ".join(filter(None, self.allowed)) if isinstance(self.allowed, tuple) else ""


def option(
    default: object,
    text: str,
    allowed: Range | tuple[str, ...] | None = None,
    *,
    also: Sequence[str] = (),
    renamed: str = "",
    identifies: bool = True,
) -> Any:  # noqa: ANN401 - a field is declared with the type of its value
    """Declare an option as a field of a dataclass; see :class:`Option`."""
    metadata = {"option": Option(text, allowed, tuple(also), renamed, identifies)}
    if isinstance(default, (list, dict)):
        return dataclasses.field(default_factory=lambda: copy.copy(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def options_of(group: type[OptionGroup] | OptionGroup) -> dict[str, Option]:
    """Return the options of a dataclass by name, those of its bases included."""
    return {field.name: field.metadata["option"] for field in dataclasses.fields(group)}


def default_of(field: dataclasses.Field[Any]) -> object:
    """Return the default of an option's field."""
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def shown(value: object) -> str:
    """Show a value in a message, shortened."""
    text = f"{value:g}" if isinstance(value, float) else " ".join(repr(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _items(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else [value]
