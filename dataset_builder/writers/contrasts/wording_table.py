"""Wordings of exclusions, inclusions and ranges, from ``wordings/LANGUAGE.yaml``, dealt out to the splits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random

from dualview.dataset_builder.phrases.language_tables import read_language_table, table_languages

EXCLUSION, INCLUSION, BOTH = KINDS = ("exclusion", "inclusion", "both")
BELOW, ABOVE = ("below", "above")
_FOLDER = files("dualview.dataset_builder.writers.contrasts").joinpath("wordings")


@dataclass(frozen=True)
class Wordings:
    """The wordings of a language; ``en.yaml`` says what they hold.

    :ivar cues: kind -> split -> wordings with ``{q}`` and ``{t}``, those of both with ``{u}`` too.
    :ivar carriers: kind -> split -> the words that carry the meaning of its wordings.
    :ivar ranges: kind of value -> below or above -> split -> wordings with ``{v}``.
    :ivar joins: between two phrases; ``last`` in front of the last of several.
    :ivar queries: bare queries with ``{t}``.
    :ivar kept: split -> texts that look like exclusions and exclude nothing.
    """

    language: str
    cues: Mapping[str, Mapping[str, tuple[str, ...]]]
    carriers: Mapping[str, Mapping[str, tuple[str, ...]]]
    ranges: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]]
    joins: tuple[str, ...]
    last: tuple[str, ...]
    queries: tuple[str, ...]
    kept: Mapping[str, tuple[str, ...]]

    def behind_query(self, kind: str, split: str) -> tuple[str, ...]:
        """The wordings that stand behind the query, without it, and say more than the phrase alone."""
        return _behind_query(self.cues[kind][split])

    def join(self, phrases: Sequence[str], draw: Random) -> str:
        """One to three phrases as a list: "a", "a or b", "a, b or c"."""
        if len(phrases) < 2:
            return "".join(phrases)
        if len(phrases) == 2:
            return draw.choice(self.joins).join(phrases)
        return ", ".join(phrases[:-1]) + draw.choice(self.last) + phrases[-1]


def known_languages() -> tuple[str, ...]:
    """The languages that have wordings."""
    return table_languages(_FOLDER)


@cache
def load_wordings(language: str) -> Wordings:
    """The wordings of a language; the operators of search engines where it has no table."""
    language, table = read_language_table(_FOLDER, language)
    return Wordings(
        language=language,
        cues={
            kind: {split: tuple(_wordings(entry)) for split, entry in table[kind].items()} for kind in KINDS
        },
        carriers={kind: {split: tuple(entry) for split, entry in table[kind].items()} for kind in KINDS},
        ranges=table["ranges"],
        joins=tuple(table["lists"]["joins"]),
        last=tuple(table["lists"]["last"]),
        queries=tuple(table["queries"]),
        kept={split: tuple(texts) for split, texts in table["kept"].items()},
    )


@cache
def _behind_query(cues: tuple[str, ...]) -> tuple[str, ...]:
    # A hyphen before a space is a dash, and one before the phrase an operator.
    tails = (cue.removeprefix("{q}").lstrip(" ,").removeprefix("- ") for cue in cues if cue.startswith("{q}"))
    return tuple(dict.fromkeys(tail for tail in tails if tail not in ("{t}", "+ {t}"))) or cues


def fill(wording: str, **slots: str) -> str:
    """Put texts into the slots of a wording; the texts may hold braces."""
    parts = wording.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, _, rest = part.partition("}")
        filled.append(slots[name] + rest)
    return "".join(filled)


def _wordings(families: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for wordings in families.values():
        yield from wordings
