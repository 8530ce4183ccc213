"""The word lists of the checks, from ``words.yaml``."""

from __future__ import annotations

from importlib.resources import files

import yaml

_LISTS = yaml.safe_load(
    files("dualview.dataset_builder.checks").joinpath("words.yaml").read_text(encoding="utf-8")
)

FUNCTION_WORDS = {language: frozenset(words.split()) for language, words in _LISTS["languages"].items()}
TURNS = frozenset(_LISTS["turns"].split())
EXCLUDING = frozenset(_LISTS["excluding"].split())
FILLERS = frozenset(_LISTS["fillers"].split())
ABBREVIATIONS = frozenset(_LISTS["abbreviations"].split())
BEFORE_NUMBERS = frozenset(_LISTS["before_numbers"].split())
