"""HTML as a document: the headings and paragraphs of its main part, without navigation and scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from dualview.dataset_builder.sources.documents.document import Document, Outline

_SKIPPED_TAGS = "script style noscript template svg nav footer aside select button iframe object math"
_INLINE_TAGS = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span "
    "strike strong sub sup time tt u var wbr img"
)
_SKIPPED = frozenset(_SKIPPED_TAGS.split())
_INLINE = frozenset(_INLINE_TAGS.split())
_MAIN = frozenset({"main", "article"})
_CELLS = frozenset({"td", "th"})
_HEADING = re.compile(r"h[1-6]")
_META = frozenset({"author", "category", "section", "keywords"})


def read_html(text: str) -> Document:
    """The document of an HTML file; only what is in ``main`` or ``article``, where it has them."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    kept = [entry for entry in reader.entries if entry.in_main] or reader.entries
    outline = Outline()
    for entry in kept:
        if entry.level:
            outline.add_heading(entry.level, entry.text)
        else:
            outline.add_paragraph(entry.text)
    return outline.finish(reader.title, reader.attributes)


def html_text(text: str) -> str:
    """The words of a piece of HTML."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return "\n".join(entry.text for entry in reader.entries)


@dataclass(frozen=True)
class _Entry:
    """A heading or a paragraph.

    :ivar level: of a heading; 0 for a paragraph.
    """

    level: int
    text: str
    in_main: bool


class _Reader(HTMLParser):
    """Collects headings and paragraphs; broken HTML ends elements early or late, never with an error."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.entries: list[_Entry] = []
        self.title = ""
        self.attributes: dict[str, tuple[str, ...]] = {}
        self._words: list[str] = []
        self._level = 0
        self._skipping: str | None = None
        self._depth = 0
        self._main = 0
        self._in_title = False
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        if self._skipping is not None:
            self._depth += tag == self._skipping
        elif tag in _SKIPPED:
            self._end_block()
            self._skipping, self._depth = tag, 1
        elif tag == "title" and not self.entries:
            self._in_title = True
        elif tag == "meta":
            self._take_meta(dict(attrs))
        elif tag == "br":
            self._words.append("\n")
        elif tag in _CELLS:
            self._words.append(" | " if self._words else "")
        elif tag not in _INLINE:
            self._end_block()
            self._main += tag in _MAIN
            self._verbatim += tag == "pre"
            if _HEADING.fullmatch(tag):
                self._level = int(tag[1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element without content, such as ``<br/>``."""
        if self._skipping is None and tag not in _SKIPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if self._skipping is not None:
            self._depth -= tag == self._skipping
            if self._depth == 0:
                self._skipping = None
        elif tag == "title":
            self._in_title = False
        elif tag not in _INLINE and tag not in _CELLS:
            self._end_block()
            self._main = max(0, self._main - (tag in _MAIN))
            self._verbatim = max(0, self._verbatim - (tag == "pre"))

    def handle_data(self, data: str) -> None:
        """Take text."""
        if self._skipping is not None:
            return
        if self._in_title:
            self.title += data
        else:
            # Line ends mean nothing in HTML, those of `br` do.
            self._words.append(data if self._verbatim else re.sub(r"\s+", " ", data))

    def close(self) -> None:
        """End what is open."""
        super().close()
        self._end_block()

    def _end_block(self) -> None:
        text = "".join(self._words)
        if not self._verbatim:
            text = "\n".join(" ".join(line.split()) for line in text.split("\n"))
        if text.strip():
            self.entries.append(_Entry(self._level, text.strip(), self._main > 0))
        self._words, self._level = [], 0

    def _take_meta(self, attrs: dict[str, str | None]) -> None:
        name, content = (attrs.get("name") or "").lower(), attrs.get("content") or ""
        if name in _META and content.strip():
            parts = content.split(",") if name == "keywords" else [content]
            self.attributes[name] = tuple(
                dict.fromkeys(" ".join(part.split()) for part in parts if part.strip())
            )
