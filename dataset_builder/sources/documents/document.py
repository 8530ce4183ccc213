"""A file's text as sections under headings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_MOST_HEADING = 200


@dataclass(frozen=True)
class Section:
    """The text under one heading.

    :ivar headings: from the outermost to the heading itself; empty for text before the first one.
    """

    headings: tuple[str, ...]
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """The text of a file.

    :ivar title: empty where it states none.
    :ivar attributes: name -> values, such as those of its front matter.
    """

    title: str
    sections: tuple[Section, ...]
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Outline:
    """Collects headings and paragraphs in their order, and makes a document of them."""

    def __init__(self) -> None:
        self._path: list[tuple[int, str]] = []
        self._paragraphs: list[str] = []
        self._sections: list[Section] = []

    def add_heading(self, level: int, text: str) -> None:
        """Begin a section.

        :param level: 1 for the outermost.
        """
        text = " ".join(text.split())[:_MOST_HEADING]
        if not text:
            return
        self._close()
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._path.append((level, text))

    def add_paragraph(self, text: str) -> None:
        """Add to the section that was begun last."""
        if text := text.strip():
            self._paragraphs.append(text)

    def finish(self, title: str = "", attributes: Mapping[str, tuple[str, ...]] | None = None) -> Document:
        """The document; an outermost heading that all its text is under is its title.

        :param title: where the file states it elsewhere.
        """
        self._close()
        sections = tuple(self._sections)
        outermost = {section.headings[0] for section in sections if section.headings}
        before = any(not section.headings for section in sections)
        if len(outermost) == 1 and not before:
            top = outermost.pop()
            title = title or top
            sections = tuple(Section(found.headings[1:], found.paragraphs) for found in sections)
        return Document(" ".join(title.split())[:_MOST_HEADING], sections, attributes or {})

    def _close(self) -> None:
        if self._paragraphs:
            path = tuple(text for _, text in self._path)
            self._sections.append(Section(path, tuple(self._paragraphs)))
            self._paragraphs = []
