"""Phrases of passages: names, years and words that few other passages use, dealt out to the splits."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

_NAME = re.compile(r"\b[A-Z][\w'\u2019.-]*[\w](?: (?:(?:of|the|de|von|van) )?[A-Z][\w'\u2019-]*\w)*")
_YEAR = re.compile(r"\b(?:1[5-9]\d\d|20[0-2]\d)\b")
_WORD = re.compile(r"[a-z][a-z'-]+[a-z]")
_SENTENCE_START = re.compile(r"(?:^|[.!?:\n]\s*|[\"“(]\s*)$")
# Words that name nothing by themselves.
_STOP = frozenset(
    """
    a about above after again against all almost alone along already also although always among an and
    another any anyone anything are around as asked at away back be became because become been before
    began behind being below best better between both but by called came can cannot case cause causes
    come could day days did different do does doing done down during each early eight either else end
    enough even ever every everyone everything far few find first five for form former found four from
    full further gave get give given go goes going good got great had half hand has have having he hence
    her here him his how however if in including inside instead into is it its itself just keep kept
    kind known large last late later least left less like little long look lot made main make makes
    making man many may me mean means might more most much must my name near need needed needs neither
    never new next nine no none nor not nothing now of off often old on once one only onto open or other
    others our out over own part people per perhaps place put quite rather really right said same saw
    say says second see seem seen set seven several shall she short should show side since six small so
    some someone something sometimes soon still such sure take taken takes tell ten than that the their
    them themselves then there these they thing things think third this those though three through thus
    time times to together too took toward two type types under until up upon us use used uses using
    usually very want was way we well went were what when where whether which while who whole whom whose
    why will with within without word work would year years yet you your
    """.split()  # noqa: SIM905
)
_SHARES = {"validation": 0.15, "test": 0.15}


def phrase_split(phrase: str) -> str:
    """Deal out a phrase by a hash: the same words always have the same split."""
    drawn = hashlib.sha256(phrase.lower().encode()).digest()[0] / 256
    for split, share in _SHARES.items():
        if drawn < share:
            return split
        drawn -= share
    return "train"


def names_of(text: str) -> list[str]:
    """Find capitalised spans that do not open a sentence, and years."""
    found = [
        match.group().removesuffix("'s").removesuffix("\u2019s")
        for match in _NAME.finditer(text)
        if len(match.group()) > 2
        and len(match.group().split()) <= 5
        and match.group().lower() not in _STOP
        and not _SENTENCE_START.search(text[max(0, match.start() - 3) : match.start()])
    ]
    return [*found, *_YEAR.findall(text)]


def rare_terms(passages: Sequence[str], most: int) -> list[list[str]]:
    """Find the words and pairs of words of each passage with the largest tf-idf.

    :param most: how many of each passage.
    """
    terms = [Counter(_terms(text)) for text in passages]
    in_passages = Counter(term for counts in terms for term in counts)
    ceiling = max(2, len(passages) // 20)
    found = []
    for counts in terms:
        weights = {
            term: count * math.log(len(passages) / in_passages[term])
            for term, count in counts.items()
            if 2 <= in_passages[term] <= ceiling
        }
        found.append(sorted(weights, key=lambda term: (-weights[term], term))[:most])
    return found


def _terms(text: str) -> Iterable[str]:
    words = _WORD.findall(text.lower())
    for word in words:
        if len(word) > 3 and word not in _STOP:
            yield word
    for one, two in pairwise(words):
        if one not in _STOP and two not in _STOP and len(two) > 2 and f"{one} {two}" in text:
            yield f"{one} {two}"


def phrases_of(passages: Sequence[str], terms: int = 6, names: int = 5) -> list[list[str]]:
    """Find phrases of each passage: rare terms, and names that are not rare terms already."""
    found = []
    for text, rare in zip(passages, rare_terms(passages, terms), strict=True):
        spans = list(dict.fromkeys(names_of(text)))[:names]
        found.append([*spans, *(term for term in rare if all(term not in span.lower() for span in spans))])
    return found


def occurs(phrase: str, text: str) -> bool:
    """Say if any content word of a phrase occurs in a text in any form: by its first five letters."""
    words = re.findall(r"\w+", text.lower())
    stems = {word[:5] for word in words}
    return any(word[:5] in stems for word in re.findall(r"\w+", phrase.lower()) if word not in _STOP)
