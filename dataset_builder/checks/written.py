"""Input of a rule, and result of a check."""

from __future__ import annotations

from dataclasses import dataclass

from dualview.dataset_builder.schema import Passage


@dataclass(frozen=True)
class Written:
    """A written instruction with the texts that the rules compare it with.

    :param passages: of its candidate set.
    :param original: the instruction that it reverses, or None if it is the original itself.
    """

    text: str
    query: str
    passages: tuple[Passage, ...] = ()
    original: str | None = None


@dataclass(frozen=True)
class CheckResult:
    """Result of a check: accepted, or the rule that the instruction broke and the finding."""

    accepted: bool
    reason: str = ""
    detail: str = ""
