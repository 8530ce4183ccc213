"""Data types of the demo: passages, views, examples, and the error shown to users."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

#: Origin of an example: the list, the user's own text, or a search in the corpus.
Kind = Literal["example", "own", "search"]
#: Index of the ranking for the bare query, beside the views' 0, 1, ...
NEUTRAL = -1


class FlipError(Exception):
    """An error that the user can fix; the message is one line that says how."""

    @property
    def sentence(self) -> str:
        """The message as a sentence, for the page; a name at its start, such as that of a file, stays."""
        text = str(self)
        start = text[:1].upper() if text.split(" ", 1)[0].isalpha() else text[:1]
        return start + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


@dataclass(frozen=True)
class Passage:
    """One passage of a candidate set."""

    docid: str
    title: str
    text: str

    @property
    def joined(self) -> str:
        """Input text of the models: title, newline, text."""
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True)
class View:
    """One instruction and the passage that is relevant under it (None if unlabelled).

    :param kind: what the instruction says: ``inclusion``, ``exclusion``, ``both`` or ``other``; may be empty.
    """

    instruction: str
    wanted: str | None
    lever: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Example:
    """A query, its passages, and two or more views; the first view is the original one."""

    set_id: str
    query: str
    views: tuple[View, ...]
    passages: tuple[Passage, ...]
    domain: str = ""
    source: str = ""
    kind: Kind = "example"

    @property
    def levers(self) -> tuple[str, ...]:
        """Levers of the reversed views, without duplicates."""
        return tuple(dict.fromkeys(view.lever for view in self.views if view.lever))

    @property
    def subject(self) -> str:
        """Heading in the gallery: the word before the number in ids of the shipped text, else the domain."""
        found = re.match(r"(?:practical/)?([a-z]+)-[a-z]?\d{3}", self.set_id)
        return found[1] if found else self.domain or "other"

    @property
    def words(self) -> int:
        """Words of all instructions."""
        return sum(len(view.instruction.split()) for view in self.views)

    @property
    def labelled(self) -> bool:
        """True if every view has a relevant passage."""
        return all(view.wanted is not None for view in self.views)

    def passage(self, docid: str) -> Passage:
        """Return the passage with this id.

        :raises KeyError: if there is no such passage.
        """
        return self._by_docid[docid]

    @cached_property
    def _by_docid(self) -> dict[str, Passage]:
        return {passage.docid: passage for passage in self.passages}


def letter(index: int) -> str:
    """Return the letter of a view on the page: A, B, C, ..."""
    return chr(ord("A") + index)


def under(index: int) -> str:
    """Return the words for a ranking's instruction: "A", or "no instruction"."""
    return "no instruction" if index == NEUTRAL else letter(index)
