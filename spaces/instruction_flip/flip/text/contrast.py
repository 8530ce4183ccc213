"""Opposites of instructions that name both sides, such as "its history, not its price"."""

from __future__ import annotations

import re

_LINK = r"(?:, (?:and |but )?not| (?:and|but) not|,? rather than|,? instead of|,? as opposed to)"
_PAIR = re.compile(
    rf"(?P<first>.+?)(?P<link>{_LINK}) (?P<second>.+?)(?P<end>(?:,? please)?[.!?]?)", re.IGNORECASE
)
_NOT_BUT = re.compile(
    r"(?P<lead>(?:.+ )?)not (?P<first>.+?) but (?P<second>.+?)(?P<end>(?:,? please)?[.!?]?)", re.IGNORECASE
)
#: Words that begin both sides if they are parallel: "for adults, not for children".
_OPENERS = {
    "a", "an", "the", "its", "their", "his", "her", "my", "our", "this", "that", "these", "those", "how",
    "what", "why", "when", "where", "who", "about", "on", "for", "from", "in", "with", "by", "to", "at", "of",
    "under", "before", "after", "since", "until",
}  # fmt: skip
#: Sides without such a word may have this many words.
_BARE_WORDS = 2
#: A side with one of these states another constraint, or is no plain phrase.
_UNSURE = re.compile(
    r"[;:.!?]|\b(?:no|not|nor|never|nothing|only|just|merely|but|without|rather|instead|either|neither|both|even|"
    r"too|also|so|because|if|which|ones?)\b|n't\b",
    re.IGNORECASE,
)
# "Show me" and the like belong to neither side.
_REQUEST = re.compile(
    r"(?:(?:show|give|tell|find|get|bring|send|list|recommend|suggest|explain|describe|discuss|cover|please|"
    r"read|look|search|pick|choose|keep|stick|focus|concentrate|return|include|use|avoid|prefer|want|need)|"
    r"i|we|it|he|she|they|you|is|are|was|must|should|can|may|do|does|has|have)",
    re.IGNORECASE,
)
_CONTRAST = re.compile(rf"{_LINK} |\bnot .+ but ", re.IGNORECASE)


def names_both_sides(text: str) -> bool:
    """Check whether an instruction contrasts two things, so that dropping its "not" would not reverse it."""
    return _CONTRAST.search(text) is not None


def swap_sides(text: str) -> str | None:
    """Swap the two sides of a contrast; None if they are not surely parallel.

    :param text: one line.
    """
    if found := _NOT_BUT.fullmatch(text):
        lead, first, second = found["lead"], found["first"], found["second"]
        if _UNSURE.search(lead + first) or _UNSURE.search(second) or not _parallel(first, second):
            return None
        return f"{lead}{_cased('not', text[len(lead)])} {second} but {first}{found['end']}"
    found = _PAIR.fullmatch(text)
    if found is None:
        return None
    lead, first = _split_lead(found["first"], found["second"])
    if (
        _UNSURE.search(lead + first)
        or _UNSURE.search(found["second"])
        or not _parallel(first, found["second"])
    ):
        return None
    if lead:
        return f"{lead}{found['second']}{found['link']} {first}{found['end']}"
    swapped = _cased(found["second"], first[0])
    return f"{swapped}{found['link']} {_cased(first, 'a')}{found['end']}"


def _split_lead(first: str, second: str) -> tuple[str, str]:
    """Split the words before the first side from it: "Tell me | about its history"."""
    opener = second.split(" ", 1)[0].lower()
    words = first.split(" ")
    places = [place for place, word in enumerate(words) if word.lower() == opener]
    if opener not in _OPENERS or len(places) != 1:
        return "", first
    lead = " ".join(words[: places[0]])
    return (lead + " " if lead else ""), " ".join(words[places[0] :])


def _parallel(first: str, second: str) -> bool:
    one, other = first.lower().split(), second.lower().split()
    if one[0] == other[0] and one[0] in _OPENERS:
        return one != other
    sides = (one, other)
    if any(len(side) > _BARE_WORDS or side[0] in _OPENERS for side in sides):
        return False
    return one != other and not any(_REQUEST.fullmatch(word) for side in sides for word in side)


def _cased(text: str, like: str) -> str:
    """Return a text whose first letter is a capital if another one is; a word in capitals stays."""
    if text[:2].isupper():
        return text
    return (text[:1].upper() if like.isupper() else text[:1].lower()) + text[1:]
