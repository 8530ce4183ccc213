"""Griffe extension: reads the reStructuredText marks of our docstrings as Markdown.

A role such as ``:class:`~dualview.x.Y``` becomes ```Y```, and a paragraph that ends in ``::`` introduces its
example with one colon. Indented lists become lists of their own, and sessions of Python become code.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:class|func|meth|mod|attr|data|exc):`(?P<short>~?)(?P<target>[^`]+)`")
_DIRECTIVE = re.compile(r"::$", re.MULTILINE)
# Up to the next blank line.
_SESSION = re.compile(r"^>>> (?:.+(?:\n|\Z))+", re.MULTILINE)
_INDENT = "    "


class PlainDocstrings(griffe.Extension):
    """Rewrites each docstring when it is read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:  # noqa: ANN401 - Griffe's own
        """Rewrite the docstring of an object."""
        if obj.docstring is not None:
            obj.docstring.value = _plain(obj.docstring.value)


def _plain(text: str) -> str:
    text = _ROLE.sub(lambda role: f"`{role['target'].rsplit('.', 1)[-1]}`", text)
    text = _SESSION.sub(lambda session: f"```pycon\n{session[0].rstrip()}\n```\n", text)
    return _unindent_lists(_DIRECTIVE.sub(":", text))


def _unindent_lists(text: str) -> str:
    """Take the indentation off lists, which Markdown reads as code, and put a blank line before each."""
    lines: list[str] = []
    in_list = False
    for line in text.splitlines():
        begins = line.startswith(f"{_INDENT}- ")
        if begins and not in_list and lines and lines[-1]:
            lines.append("")
        in_list = begins or (in_list and line.startswith(f"{_INDENT}  "))
        lines.append(line.removeprefix(_INDENT) if in_list else line)
    return "\n".join(lines)
