"""Griffe extension: reads the reStructuredText marks of our docstrings as Markdown.

A role such as ``:class:`~dualview.x.Y``` becomes ```Y```, and a paragraph that ends in ``::`` introduces its
example with one colon.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:class|func|meth|mod|attr|data|exc):`(?P<short>~?)(?P<target>[^`]+)`")
_DIRECTIVE = re.compile(r"::$", re.MULTILINE)


class PlainDocstrings(griffe.Extension):
    """Rewrites each docstring when it is read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:  # noqa: ANN401 - Griffe's own
        """Rewrite the docstring of an object."""
        if obj.docstring is not None:
            obj.docstring.value = _plain(obj.docstring.value)


def _plain(text: str) -> str:
    text = _ROLE.sub(lambda role: f"`{role['target'].rsplit('.', 1)[-1]}`", text)
    return _DIRECTIVE.sub(":", text)
