"""Plain text as a document: paragraphs between blank lines, and a short first line as the title."""

from __future__ import annotations

import re

from dualview.dataset_builder.sources.documents.document import Document, Outline

_BLANK = re.compile(r"\n[ \t]*\n")
_UNDERLINE = re.compile(r"(=+|-+|~+|\^+|\*+)\s*")
_MOST_TITLE_WORDS = 12
# Lines that were broken by hand are about as long as this; shorter ones are verse, lists or tables.
_BROKEN_LINE = 40


def read_plain(text: str) -> Document:
    """The document of a text file; a line with a rule of signs under it is a heading."""
    outline = Outline()
    title = ""
    levels: dict[str, int] = {}
    for number, block in enumerate(_BLANK.split(text.strip("\n"))):
        lines = [line.rstrip() for line in block.strip("\n").split("\n") if line.strip()]
        if len(lines) > 1 and _is_underlined(lines[0], lines[1]):
            # The signs stand for levels in the order in which they come, as in reStructuredText.
            outline.add_heading(levels.setdefault(lines[1].strip()[0], len(levels) + 1), lines[0])
            lines = lines[2:]
        elif number == 0 and len(lines) == 1 and _is_title(lines[0]):
            title = lines[0].strip()
            continue
        outline.add_paragraph(_unwrap(lines))
    return outline.finish(title)


def _is_underlined(line: str, rule: str) -> bool:
    return (
        bool(_UNDERLINE.fullmatch(rule))
        and len(rule.strip()) >= min(3, len(line.strip()))
        and _is_title(line)
    )


def _is_title(line: str) -> bool:
    return len(line.split()) <= _MOST_TITLE_WORDS and not line.rstrip().endswith((".", ",", ";", ":"))


def _unwrap(lines: list[str]) -> str:
    """Lines as one, except where they are short."""
    text, gap = "", ""
    for line in lines:
        text += gap + line.strip()
        gap = " " if len(line) >= _BROKEN_LINE else "\n"
    return text
