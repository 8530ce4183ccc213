"""The words of the Space as data: passages, views, examples, and the one error that people see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

#: Where an example comes from: the list, a person's own text, or a search in the corpus.
Kind = Literal["example", "own", "search"]


class FlipError(Exception):
    """Something a person can put right; the message says what to do, in one plain line."""

    @property
    def sentence(self) -> str:
        """The message as the page shows it: a sentence."""
        text = str(self)
        return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


@dataclass(frozen=True)
class Passage:
    """One passage of a candidate set."""

    docid: str
    title: str
    text: str

    @property
    def joined(self) -> str:
        """What the models read: title, newline, text."""
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True)
class View:
    """One instruction, and the passage that it makes relevant (None where nobody has said)."""

    instruction: str
    wanted: str | None
    lever: str = ""


@dataclass(frozen=True)
class Example:
    """A query, its passages, and two or more views of them; the first view is the original one."""

    set_id: str
    query: str
    views: tuple[View, ...]
    passages: tuple[Passage, ...]
    domain: str = ""
    source: str = ""
    kind: Kind = "example"

    @property
    def levers(self) -> tuple[str, ...]:
        """What the reversed views turn on, without repeats."""
        return tuple(dict.fromkeys(view.lever for view in self.views if view.lever))

    @property
    def labelled(self) -> bool:
        """Whether every view says which passage it wants."""
        return all(view.wanted is not None for view in self.views)

    def passage(self, docid: str) -> Passage:
        """Return the passage with this id.

        :raises KeyError: if the set holds no such passage.
        """
        return self._by_docid[docid]

    @cached_property
    def _by_docid(self) -> dict[str, Passage]:
        return {passage.docid: passage for passage in self.passages}


def letter(index: int) -> str:
    """Return the name of a view on the page: A, B, C, ..."""
    return chr(ord("A") + index)
