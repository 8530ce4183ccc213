"""Shows text from corpora, models and people in Markdown without letting it act as Markdown.

Design:

- Text is hostile until it is a :class:`Markdown`. The template environment of :mod:`dualview.cards.readme`
  passes any value that is not one through :func:`escape`, so a template that forgets to escape is still safe.
- What could act anywhere (emphasis, code, links, HTML, tables, templates, formulas) becomes a numeric
  character reference. References mean the same in a paragraph, a table cell, a heading and an HTML block,
  which backslashes do not. What acts only at the start of a line becomes one only there, for readable source.
- Shown text is one line: line breaks are white space in running text, and in a table they would end the row.
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
# An override that is never closed would turn round what follows it.
_DIRECTION_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Markdown(str):
    """Text that is already Markdown, and is shown as it is."""

    __slots__ = ()


def one_line(text: str) -> str:
    """Text as one line: white space joined, control characters and direction overrides removed.

    Lone surrogates, which no UTF-8 file can hold, become U+FFFD.
    """
    return " ".join(_writable(text, control=" ").split())


def escape(text: object) -> Markdown:
    """Any value as one line of Markdown that reads as itself and does nothing else."""
    line = one_line(str(text))
    line = _ACTS_ANYWHERE.sub(_reference, line)
    line = _BARE_LINK.sub(_reference, line)
    return Markdown(_ACTS_AT_LINE_START.sub(_reference_at_start, line))


def shorten(text: str, characters: int) -> str:
    """Text as one line of at most so many characters, cut between words and ended by an ellipsis."""
    line = one_line(text)
    if len(line) <= characters:
        return line
    cut = line[: characters - 1]
    return (cut[: cut.rfind(" ")] if " " in cut else cut).rstrip() + "…"


def code(text: object) -> Markdown:
    """A name or a value in code letters, inside running text or a table."""
    line = one_line(str(text))
    if not line:
        return Markdown("")
    if _PLAIN_CODE.fullmatch(line):
        return Markdown(f"`{line}`")
    # A pipe inside backticks still ends a table cell, and backticks need ever longer fences.
    return Markdown(f"<code>{escape(line)}</code>")


def fence(text: str, language: str = "") -> Markdown:
    """A code block of several lines, fenced by more backticks than the text holds in a row."""
    lines = [_writable(line) for line in re.split(r"\r\n|\r|\n", text.strip("\r\n"))]
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    marks = "`" * max(3, longest + 1)
    return Markdown("\n".join([f"{marks}{language}", *lines, marks]))


def table(
    headers: Sequence[object], rows: Iterable[Sequence[object]], numbers: Iterable[int] = ()
) -> Markdown:
    """A GFM table; a cell that is not :class:`Markdown` is escaped.

    :param numbers: positions of the columns that are set flush right.
    """
    right = set(numbers)
    rule = ["---:" if position in right else "---" for position in range(len(headers))]
    body = [[_shown(cell) for cell in row] for row in [headers, *rows]]
    body.insert(1, rule)
    return Markdown("\n".join(f"| {' | '.join(row)} |" for row in body))


def python_string(text: str) -> str:
    """The text as a Python string literal in double quotes, printable and on one line."""
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
    """Text that any file and any terminal can hold.

    :param control: what a control character other than white space becomes.
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
