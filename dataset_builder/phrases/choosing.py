"""Chooses the phrases of a passage that tell the most about it, by their weight against the corpus."""

from __future__ import annotations

from dataclasses import dataclass

from dualview.dataset_builder.phrases.candidates import (
    NAME,
    TERM,
    TITLE,
    Phrase,
    find_phrases,
    title_phrase,
)
from dualview.dataset_builder.phrases.frequencies import Frequencies
from dualview.dataset_builder.phrases.reading import VERBAL, ReadPassage

# Words behind the title that count as the opening: about the first sentence.
_OPENING = 25
_MOST_COUNTED = 4
# Names and expressions of several words tell more than single words, which are often general.
_TELLS_MORE = 1.5


@dataclass(frozen=True)
class Weighed:
    """A phrase with its part in its passage.

    :ivar count: how often the passage has it.
    :ivar about: whether the passage is about it and does not only mention it: it is in the title, opens the
        passage, or comes more than once; a single word that is no name does not open a passage.
    :ivar weight: count and place, times the rarity in the corpus.
    """

    phrase: Phrase
    count: int
    about: bool
    weight: float


def choose_phrases(read: ReadPassage, frequencies: Frequencies, most: int) -> list[Weighed]:
    """The phrases of the largest weight, the largest first; ties in the order of the text.

    Left out are words that many passages of the corpus have, terms of several words that no other passage has
    and this one has once (most are no fixed expressions), and capitalised words that are no names elsewhere.
    """
    title = title_phrase(read)
    weighed: dict[tuple[str, ...], Weighed] = {}
    for phrase in ([title] if title else []) + find_phrases(read):
        known = _weigh(phrase, read, frequencies)
        if known is not None:
            weighed.setdefault(phrase.stems, known)
    return sorted(weighed.values(), key=lambda one: -one.weight)[:most]


def _weigh(phrase: Phrase, read: ReadPassage, frequencies: Frequencies) -> Weighed | None:
    first, words = phrase.first, len(phrase.stems)
    slots = read.slots[first : first + words]
    frequency = frequencies.of_run(slots)
    if frequencies.is_common(frequency):
        return None
    count = read.count(phrase.stems)
    if phrase.kind == TERM and count < 2 and (frequency < 2 if words > 1 else read.flags[first] & VERBAL):
        return None
    title = read.stems[: read.title]
    if phrase.kind == NAME and words == 1:
        part_of_title = len(title) > 1 and phrase.stems[0] in title
        if part_of_title or not frequencies.is_capitalised(slots[0], read.cased_slots[first]):
            return None
    titled = phrase.kind == TITLE or _contains(title, phrase.stems)
    # A single word that opens a text is as often a part of its setting.
    opens = first < read.title + _OPENING and (words > 1 or phrase.kind != TERM)
    part = min(count, _MOST_COUNTED) + 2 * titled + opens
    telling = 1 if words == 1 and phrase.kind == TERM else _TELLS_MORE
    weight = part * telling * frequencies.rarity(frequency)
    return Weighed(phrase, count, titled or opens or count > 1, weight)


def _contains(stems: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return any(stems[at : at + len(wanted)] == wanted for at in range(len(stems) - len(wanted) + 1))
