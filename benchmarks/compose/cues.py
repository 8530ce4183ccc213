"""Wordings of exclusions and inclusions, dealt out to training, validation and test: those of the builder.

A wording holds ``{q}``, the bare query, and ``{t}``, the phrases. Words that carry the exclusion in the
validation and test wordings appear in no training wording, so that unseen cues are measured. The table is
read as a file, so that a machine without the builder's libraries can do it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

_TABLE = Path(__file__).parents[2] / "dataset_builder" / "writers" / "contrasts" / "wordings" / "en.yaml"


def read_table() -> dict[str, Any]:
    """The builder's English wordings."""
    table: dict[str, Any] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return table


def _by_split(families: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    return {
        split: tuple(wording for wordings in entries.values() for wording in wordings)
        for split, entries in families.items()
    }


EXCLUSIONS = _by_split(read_table()["exclusion"])
INCLUSIONS = _by_split(read_table()["inclusion"])

_JOINS = (", ", " or ", " and ", " / ")
_LAST = (" or ", ", or ", " and ", ", ")


def join_phrases(phrases: Sequence[str], draw: random.Random) -> str:
    """Write one to three phrases as a list: "a", "a or b", "a, b or c"."""
    if len(phrases) == 1:
        return phrases[0]
    if len(phrases) == 2:
        return draw.choice(_JOINS).join(phrases)
    return ", ".join(phrases[:-1]) + draw.choice(_LAST) + phrases[-1]


def word(wording: str, query: str, phrases: Sequence[str], draw: random.Random) -> str:
    """Fill a wording; the query and the phrases may hold braces."""
    joined = join_phrases(phrases, draw)
    parts = wording.replace("{q}", "\0q\0").replace("{t}", "\0t\0").split("\0")
    return "".join({"q": query, "t": joined}.get(part, part) for part in parts)
