"""What a rule is given, and what a check comes to."""

from __future__ import annotations

from dataclasses import dataclass

from dualview.dataset_builder.schema import Passage


@dataclass(frozen=True)
class Written:
    """A written instruction with what the rules hold it against.

    :param passages: of its candidate set.
    :param original: the instruction that it reverses, or None if it is the original itself.
    """

    text: str
    query: str
    passages: tuple[Passage, ...] = ()
    original: str | None = None


@dataclass(frozen=True)
class CheckResult:
    """Whether an instruction passed, and otherwise the rule that it broke and what was found."""

    accepted: bool
    reason: str = ""
    detail: str = ""
