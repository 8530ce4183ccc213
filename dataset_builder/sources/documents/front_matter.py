"""Front matter: YAML between two lines of dashes in front of a text, as static sites and notes have it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dualview.cards.errors import InputError
from dualview.cards.yaml_reader import parse_yaml
from dualview.dataset_builder.sources.documents.values import flatten

_BLOCK = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def split_front_matter(text: str) -> tuple[Mapping[str, tuple[str, ...]] | None, str]:
    """The values of a text's front matter by name, and the rest.

    :return: no values for a text without front matter; None in their place where it is no YAML mapping.
    """
    found = _BLOCK.match(text)
    if found is None:
        return {}, text
    rest = text[found.end() :]
    try:
        fields = parse_yaml(found[1], "front matter")
    except InputError:
        return None, rest
    if fields is None:
        return {}, rest
    if not isinstance(fields, dict):
        # A line of dashes may be a rule above ordinary text.
        return {}, text
    return flatten(fields), rest
