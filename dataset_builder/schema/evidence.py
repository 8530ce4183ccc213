"""Evidence in the words of two passages that the labels of a pair hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: What is counted: mentions of phrases, or values that were read from the text.
MENTIONS, VALUES = "mentions", "values"


@dataclass(frozen=True)
class Mention:
    """A phrase or a value of an instruction, and how often both passages have it.

    :param positive: the count in the positive; ``reversed_positive`` that in the reversed positive.
    """

    phrase: str
    positive: int
    reversed_positive: int

    def as_dict(self) -> dict[str, Any]:
        """Return the mention as a row holds it."""
        return {
            "phrase": self.phrase,
            "positive": self.positive,
            "reversed_positive": self.reversed_positive,
        }


@dataclass(frozen=True)
class Evidence:
    """The words by which the labels of a pair are proven.

    :param kind: ``mentions`` or ``values``.
    """

    kind: str
    mentions: tuple[Mention, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the evidence as a part of the column ``checks``."""
        return {"kind": self.kind, "mentions": [mention.as_dict() for mention in self.mentions]}
