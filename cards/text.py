"""Escapes text from corpora, models and people so that it does nothing in Markdown or HTML.

Design:

- Text is unsafe until it is a :class:`Markdown`. The template environment of :mod:`dualview.cards.readme`
  passes every other value through :func:`escape`, so a template that forgets to escape is still safe.
- Characters that can act anywhere (emphasis, code, links, HTML, tables, templates, formulas) become numeric
  character references. Unlike backslashes, references mean the same in a paragraph, a table cell, a heading
  and an HTML block. Characters that act only at the start of a line are replaced only there, so that the
  source stays readable.
- Shown text is one line: line breaks are white space in running text, and would end the row of a table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_ACTS_ANYWHERE = re.compile(r"[\\`*{}\[\]<>|~$@]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|(?<=\s)#(?=#*$)")
_ACTS_AT_LINE_START = re.compile(r"^(?:[#:=]|[+-](?![\w.])|\d{1,9}(?=[.)](?:\s|$)))")
# GFM turns bare addresses into links.
_BARE_LINK = re.compile(r":(?=//)|(?<=mailto):|(?<=xmpp):|(?<=www)\.", re.IGNORECASE)
_PLAIN_CODE = re.compile(r"[\w ./:,;=()<>+*#@%'\"{}\[\]-]+", re.ASCII)
# An override that is never closed would reverse the text after it.
_DIRECTION_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Markdown(str):
    """Text that is already Markdown and is not escaped."""

    __slots__ = ()


def one_line(text: str) -> str:
    """Return text as one line: white space joined, control characters and direction overrides removed.

    Lone surrogates, which no UTF-8 file can hold, become U+FFFD.
    """
    return " ".join(_writable(text, control=" ").split())


def escape(text: object) -> Markdown:
    """Return a value as one line of Markdown that shows the value and does nothing else."""
    line = one_line(str(text))
    line = _ACTS_ANYWHERE.sub(_reference, line)
    line = _BARE_LINK.sub(_reference, line)
    return Markdown(_ACTS_AT_LINE_START.sub(_reference_at_start, line))


def shorten(text: str, characters: int) -> str:
    """Return text as one line of at most this many characters, cut between words and ended by an ellipsis."""
    line = one_line(text)
    if len(line) <= characters:
        return line
    cut = line[: characters - 1]
    return (cut[: cut.rfind(" ")] if " " in cut else cut).rstrip() + "…"


def code(text: object) -> Markdown:
    """Return a name or a value as code, for running text or a table."""
    line = one_line(str(text))
    if not line:
        return Markdown("")
    if _PLAIN_CODE.fullmatch(line):
        return Markdown(f"`{line}`")
    # A pipe inside backticks still ends a table cell, and backticks need ever longer fences.
    return Markdown(f"<code>{escape(line)}</code>")


def fence(text: str, language: str = "") -> Markdown:
    """Return a code block; its fence has more backticks than any run of them in the text."""
    lines = [_writable(line) for line in re.split(r"\r\n|\r|\n", text.strip("\r\n"))]
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    marks = "`" * max(3, longest + 1)
    return Markdown("\n".join([f"{marks}{language}", *lines, marks]))


def table(
    headers: Sequence[object], rows: Iterable[Sequence[object]], numbers: Iterable[int] = ()
) -> Markdown:
    """Return a GFM table; a cell that is not :class:`Markdown` is escaped.

    :param numbers: positions of the columns that are aligned right.
    """
    right = set(numbers)
    rule = ["---:" if position in right else "---" for position in range(len(headers))]
    body = [[_shown(cell) for cell in row] for row in [headers, *rows]]
    body.insert(1, rule)
    return Markdown("\n".join(f"| {' | '.join(row)} |" for row in body))


def python_string(text: str) -> str:
    """Return the text as a Python string literal in double quotes, printable and on one line."""
    return '"' + "".join(_in_string(character) for character in text) + '"'


def _shown(cell: object) -> str:
    return cell if isinstance(cell, Markdown) else escape(cell)


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"


def _reference_at_start(match: re.Match[str]) -> str:
    # "1." would open a list: the digits stay readable when only the first is a reference.
    return f"&#{ord(match.group()[0])};{match.group()[1:]}"


def _in_string(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def _writable(text: str, control: str = "") -> str:
    """Return text that every file and every terminal can hold.

    :param control: the replacement of a control character that is not white space.
    """
    kept = []
    for character in _DIRECTION_OVERRIDES.sub("", text):
        kind = unicodedata.category(character)
        if kind == "Cs":
            kept.append("\ufffd")
        elif kind in ("Zl", "Zp") or (kind == "Cc" and character != "\t"):
            kept.append(" " if character.isspace() else control)
        else:
            kept.append(character)
    return "".join(kept)
