"""Passages, and the parts that the kinds of items share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Passage:
    """A text that can be retrieved."""

    docid: str
    title: str
    text: str

    @property
    def encoded(self) -> str:
        """The passage as a retriever reads it: the title, a newline, the text."""
        return f"{self.title}\n{self.text}" if self.title else self.text

    def as_dict(self) -> dict[str, str]:
        """Return the passage as a row holds it."""
        return {"docid": self.docid, "title": self.title, "text": self.text}


class WithPassages:
    """The passages of an item: those it always keeps, and those it can do without."""

    def fixed_passages(self) -> tuple[Passage, ...]:
        """Passages that stay with the item in every split."""
        raise NotImplementedError

    def removable_passages(self) -> tuple[Passage, ...]:
        """Passages that the item can do without where another split owns them."""
        raise NotImplementedError

    def all_passages(self) -> tuple[Passage, ...]:
        """All passages, the fixed ones first."""
        return (*self.fixed_passages(), *self.removable_passages())


class WithoutInstruction:
    """Constants of the items that bring no instruction."""

    instruction: ClassVar[None] = None
    positive: ClassVar[None] = None
    paraphrase: ClassVar[None] = None
    style: ClassVar[str] = ""

    def recorded_texts(self) -> tuple[str, ...]:
        """No instructions: there are none."""
        return ()


def rest_of(passages: tuple[Passage, ...], taken: Collection[Passage]) -> tuple[Passage, ...]:
    """The passages without those that are taken, in their order."""
    return tuple(passage for passage in passages if passage not in taken)
