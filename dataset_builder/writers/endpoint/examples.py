"""The examples of good answers in the prompts, one of which an item is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

from dualview.dataset_builder.checks.words import FILLERS, FUNCTION_WORDS, TURNS

EXAMPLES: tuple[Mapping[str, Any], ...] = tuple(
    yaml.safe_load(
        files("dualview.dataset_builder").joinpath("prompts", "examples.yaml").read_text(encoding="utf-8")
    )
)
_WORD = re.compile(r"\w+")
# So many words in a row are copied and not found by chance.
_WORDS_COPIED = 6
_SAY_NOTHING = FUNCTION_WORDS["en"] | FILLERS | TURNS


def choose_example(query: str, domain: str | None) -> Mapping[str, Any] | None:
    """The first example that is not of the item's domain and shares no content word with its query.

    Items with the same example have the same beginning of their prompts: nearly all have the first.

    :returns: None where no example is far enough.
    """
    asked = _content(query)
    return next(
        (
            it
            for it, its in zip(EXAMPLES, _CONTENTS, strict=True)
            if it["domain"] != domain and not asked & its
        ),
        None,
    )


def repeats_example(text: str) -> bool:
    """Tell whether an instruction is one of the examples', or goes on from a part of one."""
    words = _WORD.findall(text.casefold())
    return " ".join(words) in _TEXTS or not _RUNS.isdisjoint(_runs(words))


def _runs(words: list[str]) -> set[str]:
    return {" ".join(words[start : start + _WORDS_COPIED]) for start in range(len(words) - _WORDS_COPIED + 1)}


def _content(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold())) - _SAY_NOTHING


_CONTENTS = tuple(_content(str(it["query"])) for it in EXAMPLES)
_TEXTS = frozenset(
    " ".join(_WORD.findall(str(text).casefold()))
    for it in EXAMPLES
    for text in (it["instruction"], it["paraphrase"], *(answer["instruction"] for answer in it["reversals"]))
)
_RUNS = frozenset(run for text in _TEXTS for run in _runs(text.split()))
