"""Wordings of exclusions and inclusions, dealt out to training, validation and test.

A wording holds ``{q}``, the bare query, and ``{t}``, the phrases. Words that carry the exclusion in the
validation and test wordings appear in no training wording, so that unseen cues are measured.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

EXCLUSIONS: dict[str, tuple[str, ...]] = {
    "train": (
        # after the query, as people type them
        "{q} no {t}",
        "{q} not {t}",
        "{q}, not {t}",
        "{q}, no {t}",
        "{q} without {t}",
        "{q} but not {t}",
        "{q} except {t}",
        "{q}, except for {t}",
        "{q} excluding {t}",
        "{q} other than {t}",
        "{q} nothing about {t}",
        "{q} nothing on {t}",
        "{q} not about {t}",
        "{q} not the {t} kind",
        "{q} with no {t}",
        "{q} that has no {t}",
        # after the query, as sentences
        "{q} Nothing about {t}, please.",
        "{q} I do not want {t}.",
        "{q} I don't want to read about {t}.",
        "{q} It should not mention {t}.",
        "{q} Leave out {t}.",
        "{q} Please leave out anything on {t}.",
        "{q} Exclude texts about {t}.",
        "{q} Do not show me {t}.",
        "{q} Avoid {t}.",
        "{q} I already know about {t}, so something else.",
        "{q} Documents that discuss {t} are not relevant.",
        "{q} Texts on {t} are of no use to me.",
        "{q} Anything but {t}.",
        "{q} I am not interested in {t}.",
        "{q} {t} should not come up.",
        "{q} Must not be about {t}.",
        "{q} None of the {t} stuff.",
        "{q} Keep {t} out of it.",
        # before the query
        "no {t}: {q}",
        "not {t}, {q}",
        "without {t}, {q}",
        "apart from {t}, {q}",
        "except for {t}: {q}",
        "excluding {t}, {q}",
        "other than {t}, {q}",
        "nothing about {t} please, just {q}",
        "I don't want {t}. {q}",
        "leaving out {t}, {q}",
        "Anything except {t} on {q}",
        # inside
        "I am looking for {q}, but not {t}, thank you.",
        "show me, without {t}, {q}",
        "Find me something other than {t} on {q}",
        "Is there anything on {q} that does not involve {t}?",
        "What is there on {q} apart from {t}?",
        "Information on {q} (no {t}) please",
    ),
    "validation": (
        "{q} minus {t}",
        "{q}, {t} aside",
        "{q} omitting {t}",
        "{q} Spare me {t}.",
        "{q} Skip whatever deals with {t}.",
        "save for {t}, {q}",
        "omitting {t}: {q}",
        "Tell me, {t} aside, about {q}",
        "Which texts on {q} skip {t}?",
    ),
    "test": (
        "{q} free of {t}",
        "{q} rather than {t}",
        "{q}, never {t}",
        "{q} sans {t}",
        "{q} I have had enough of {t}.",
        "{q} Drop everything that touches on {t}.",
        "instead of {t}, {q}",
        "{t} is irrelevant here: {q}",
        "Give me, as long as {t} is absent, {q}",
        "Does anything on {q} ignore {t}?",
    ),
}

INCLUSIONS: dict[str, tuple[str, ...]] = {
    "train": (
        "{q} with {t}",
        "{q} only {t}",
        "{q}, only about {t}",
        "{q} about {t}",
        "{q} It must mention {t}.",
        "{q} I want {t}.",
        "{q} Show me texts that discuss {t}.",
        "{q} Only documents on {t} are relevant.",
        "{q} It has to cover {t}.",
        "{q} {t} should come up.",
        "only {t}: {q}",
        "with {t}, {q}",
        "I am interested in {t}. {q}",
        "What does {t} have to do with {q}?",
    ),
    "validation": ("{q} featuring {t}", "{q} Be sure it deals with {t}.", "{t} in particular: {q}"),
    "test": ("{q} involving {t}", "{q} I insist on {t}.", "especially {t}, {q}"),
}

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
