"""Tables of words that a folder of the package holds, one a language, as ``LANGUAGE.yaml``."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Any

import yaml

#: The table of a language that has none of its own.
ANY_LANGUAGE = "any"


def table_languages(folder: Traversable) -> tuple[str, ...]:
    """The languages that have a table of their own, in order."""
    found = (entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(language for language in found if language != ANY_LANGUAGE))


def read_language_table(folder: Traversable, language: str) -> tuple[str, dict[str, Any]]:
    """The table of a language with the language's code; that of ``any`` where it has none."""
    if language not in table_languages(folder):
        language = ANY_LANGUAGE
    table: dict[str, Any] = yaml.safe_load(folder.joinpath(f"{language}.yaml").read_text(encoding="utf-8"))
    return language, table
