"""Markdown as a document: headings, paragraphs, lists, tables and code, without the marks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from dualview.dataset_builder.sources.documents.document import Document, Outline
from dualview.dataset_builder.sources.documents.front_matter import split_front_matter
from dualview.dataset_builder.sources.documents.html_document import html_text
from dualview.dataset_builder.sources.documents.tally import Tally


def read_markdown(text: str, tally: Tally) -> Document:
    """The document of a Markdown file, with its front matter as attributes.

    :param tally: counts front matter that cannot be read.
    """
    attributes, body = split_front_matter(text)
    if attributes is None:
        tally.note("front matter that is no YAML was passed over")
        attributes = {}
    outline = Outline()
    _Walk(outline).over(_parser().parse(body))
    title = attributes.get("title", ())
    rest = {name: values for name, values in attributes.items() if name != "title"}
    return outline.finish(title[0] if title else "", rest)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


class _Walk:
    """Puts the tokens of a text into an outline; a list or a table is one paragraph with a line an entry."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._lists = 0
        self._lines: list[str] = []
        self._cells: list[str] | None = None

    def over(self, tokens: Sequence[Token]) -> None:
        """Go through the tokens of a whole text."""
        level = 0
        for token in tokens:
            kind = token.type
            if kind == "heading_open":
                level = int(token.tag[1:])
            elif kind == "heading_close":
                level = 0
            elif kind == "inline":
                self._inline(_plain(token), level)
            elif kind in ("fence", "code_block"):
                self._paragraph(token.content)
            elif kind == "html_block":
                self._paragraph(html_text(token.content))
            else:
                self._structure(kind)

    def _structure(self, kind: str) -> None:
        if kind in ("bullet_list_open", "ordered_list_open"):
            self._lists += 1
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists -= 1
            if not self._lists:
                self._end_lines()
        elif kind == "tr_open":
            self._cells = []
        elif kind == "tr_close":
            self._lines.append(" | ".join(self._cells or []))
            self._cells = None
        elif kind == "table_close" and not self._lists:
            self._end_lines()

    def _inline(self, text: str, level: int) -> None:
        if level and not self._lists:
            self._outline.add_heading(level, text)
        elif self._cells is not None:
            self._cells.append(text)
        else:
            self._paragraph(text)

    def _paragraph(self, text: str) -> None:
        if self._lists:
            self._lines.append(text.strip())
        else:
            self._outline.add_paragraph(text)

    def _end_lines(self) -> None:
        self._outline.add_paragraph("\n".join(line for line in self._lines if line))
        self._lines = []


def _plain(token: Token) -> str:
    """The text of a line without its marks; a link is its text, an image its description."""
    parts = []
    for child in token.children or ():
        if child.type in ("text", "code_inline", "image"):
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak":
            parts.append("\n")
    return "".join(parts)
