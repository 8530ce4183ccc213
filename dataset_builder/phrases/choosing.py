"""Chooses the phrases of a passage that tell the most about it, by their weight against the corpus."""

from __future__ import annotations

from typing import NamedTuple

from dualview.dataset_builder.phrases.candidates import (
    NAME,
    TERM,
    TITLE,
    Phrase,
    Span,
    find_spans,
    make_phrase,
    title_span,
)
from dualview.dataset_builder.phrases.frequencies import Frequencies
from dualview.dataset_builder.phrases.reading import VERBAL, ReadPassage, joined

# Words behind the title that count as the opening: about the first sentence.
_OPENING = 25
_MOST_COUNTED = 4
# Names and expressions of several words tell more than single words, which are often general.
_TELLS_MORE = 1.5


class Weighed(NamedTuple):
    """A phrase with its part in its passage.

    :ivar times: how often the passage has it.
    :ivar about: whether the passage is about it and does not only mention it: it is in the title, opens the
        passage, or comes more than once; a single word that is no name does not open a passage.
    :ivar weight: count and place, times the rarity in the corpus.
    """

    phrase: Phrase
    times: int
    about: bool
    weight: float


def choose_phrases(read: ReadPassage, frequencies: Frequencies, most: int) -> list[Weighed]:
    """The phrases of the largest weight, the largest first; ties in the order of the text.

    Left out are words that many passages of the corpus have, terms of several words that no other passage has
    and this one has once (most are no fixed expressions), and capitalised words that are no names elsewhere.
    """
    found = find_spans(read)
    weighed: dict[tuple[str, ...], _Candidate] = {}
    title = title_span(read)
    if title and (known := _weigh(title, read, frequencies)):
        weighed[read.stems[: title.end]] = known
    for stems, span in found.items():
        if stems not in weighed and (known := _weigh(span, read, frequencies)):
            weighed[stems] = known
    chosen = sorted(weighed.values(), key=lambda one: -one.weight)[:most]
    return [Weighed(make_phrase(read, one.span), one.times, one.about, one.weight) for one in chosen]


class _Candidate(NamedTuple):
    """The place of a phrase, weighed."""

    span: Span
    times: int
    about: bool
    weight: float


def _weigh(span: Span, read: ReadPassage, frequencies: Frequencies) -> _Candidate | None:
    kind, first, end = span
    words = end - first
    frequency = frequencies.of_run(read.slots[first:end])
    if frequencies.is_common(frequency):
        return None
    stems = joined(read.stems[first:end])
    count = read.joined.count(stems)
    if kind == TERM and count < 2 and (frequency < 2 if words > 1 else read.flags[first] & VERBAL):
        return None
    in_title = stems in read.joined_title
    if kind == NAME and words == 1:
        part_of_title = read.title > 1 and in_title
        if part_of_title or not frequencies.is_capitalised(read.slots[first], read.cased_slots[first]):
            return None
    titled = kind == TITLE or in_title
    # A single word that opens a text is as often a part of its setting.
    opens = first < read.title + _OPENING and (words > 1 or kind != TERM)
    part = min(count, _MOST_COUNTED) + 2 * titled + opens
    telling = 1 if words == 1 and kind == TERM else _TELLS_MORE
    weight = part * telling * frequencies.rarity(frequency)
    return _Candidate(span, count, titled or opens or count > 1, weight)
