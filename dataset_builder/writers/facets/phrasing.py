"""Phrases an instruction: inclusion, exclusion or both, in a sentence and wordings that are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from dualview.dataset_builder.writers.facets.conditions import Attribute, Condition
from dualview.dataset_builder.writers.facets.draws import Draw
from dualview.dataset_builder.writers.facets.frames import BOTH, EXCLUSION, INCLUSION

# People mostly ask for what they want, and an exclusion alone is weakest: it accepts every other passage.
_DRAWN_KINDS = (INCLUSION, INCLUSION, BOTH, BOTH, EXCLUSION)


@dataclass(frozen=True)
class Phrasing:
    """One instruction with what was drawn for it.

    :ivar kind: ``inclusion`` names the wanted value, ``exclusion`` the unwanted one, ``both`` both.
    :ivar wanted: place of the wording of what is wanted; ``unwanted`` of what is not. Both are set for every
        kind, so that the next phrasing can take others.
    """

    text: str
    kind: str
    style: str
    wanted: int
    unwanted: int


def accepts(kind: str, wanted: bool | None, unwanted: bool | None) -> bool | None:
    """Tell whether an instruction of this kind makes a passage relevant; ``None`` where that is unsure.

    :param wanted: whether the passage has what is wanted; ``unwanted`` whether it has what is not.
    """
    meets = True if kind == EXCLUSION else wanted
    breaks = False if kind == INCLUSION else unwanted
    if meets is False or breaks is True:
        return False
    return True if meets and breaks is False else None


def phrase(attribute: Attribute, wanted: Condition, unwanted: Condition, draw: Draw) -> Phrasing:
    """An instruction of any kind."""
    places = draw.below(len(wanted.wordings)), draw.below(len(unwanted.wordings))
    return _put(attribute, draw.pick(_DRAWN_KINDS), wanted, unwanted, places, draw)


def phrase_reversed(
    attribute: Attribute, wanted: Condition, unwanted: Condition, original: Phrasing, draw: Draw
) -> Phrasing:
    """The opposite of an instruction, of any kind, with other wordings.

    :param wanted: the condition that the original excludes; ``unwanted`` is the one it asks for.
    """
    places = (
        draw.another(original.unwanted, len(wanted.wordings)),
        draw.another(original.wanted, len(unwanted.wordings)),
    )
    return _put(attribute, draw.pick(_DRAWN_KINDS), wanted, unwanted, places, draw)


def phrase_again(
    attribute: Attribute, wanted: Condition, unwanted: Condition, original: Phrasing, draw: Draw
) -> Phrasing:
    """The same instruction with other wordings in another style.

    An exclusion alone stays one: an inclusion would refuse passages that it accepts. Where passages
    have several values, an inclusion accepts some that "this, not that" refuses.
    """
    places = (
        draw.another(original.wanted, len(wanted.wordings)),
        draw.another(original.unwanted, len(unwanted.wordings)),
    )
    kind = EXCLUSION if original.kind == EXCLUSION else draw.pick((INCLUSION, BOTH))
    return _put(attribute, kind, wanted, unwanted, places, draw, other_than=original.style)


def _put(
    attribute: Attribute,
    kind: str,
    wanted: Condition,
    unwanted: Condition,
    places: tuple[int, int],
    draw: Draw,
    other_than: str | None = None,
) -> Phrasing:
    frame = attribute.frames[kind].draw(draw, other_than)
    text = frame.write(draw, wanted.wordings[places[0]], unwanted.wordings[places[1]])
    return Phrasing(text, kind, frame.style, *places)
