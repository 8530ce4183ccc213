"""Cards on the Hub: recognizes cards of this project, and keeps what people added to them there."""

from __future__ import annotations

from collections.abc import Sequence

from dualview.cards.errors import CardError, HubError
from dualview.cards.readme import BY_HAND_END, BY_HAND_START, read_card, section_by_hand

# Metadata that people set on the Hub, and that this project never sets.
_SET_ON_THE_HUB = frozenset(
    """
    thumbnail viewer new_version inference pinned header suggested_hardware suggested_storage
    extra_gated_heading extra_gated_prompt extra_gated_description extra_gated_fields
    extra_gated_button_content extra_gated_eu_disallowed
    """.split()  # noqa: SIM905 - a list of strings is harder to read
)


def keep_theirs(card: str, published: str | None, kind: str, where: str) -> str:
    """Return a card to publish, with what people added to the published one.

    This is the section written by hand, unless the new card has a text of its own there, and the metadata
    that people set on the Hub, such as the questions of a gated repository.

    :param published: the text of the published card, or None.
    :param where: the published card's name in an error.
    :raises HubError: if the published card cannot be read.
    """
    if published is None:
        return card
    try:
        theirs = section_by_hand(published.replace("\r\n", "\n"), where)
        ours = section_by_hand(card, where)
    except CardError as error:
        raise HubError(str(error)) from error
    if _is_blank(ours) and not _is_blank(theirs) and ours in card:
        card = card.replace(ours, theirs, 1)
    metadata = read_card(published, kind, where).data.to_dict()
    new = read_card(card, kind, where)
    missing = {
        name: metadata[name] for name in metadata.keys() & _SET_ON_THE_HUB if new.data.get(name) is None
    }
    if missing:
        for name, value in sorted(missing.items()):
            new.data[name] = value
        card = str(new)
    return card


def is_ours(card: str | None, paths: Sequence[str], kind: str) -> bool:
    """Tell whether a repository may be overwritten: it is new, or its card shows that it is of this project.

    :param card: the text of its card, or None.
    :param paths: all files that it holds.
    """
    if set(paths) <= {".gitattributes"}:
        return True
    if card is None:
        return False
    try:
        read = read_card(card, kind, "the card")
    except HubError:
        return False
    # The Hub's page "New repository" writes a licence and no text.
    fresh = set(paths) <= {".gitattributes", "README.md"} and not read.text.strip()
    return fresh or "dual-view" in (read.data.get("tags") or [])


def _is_blank(section: str) -> bool:
    return not section.replace(BY_HAND_START, "").replace(BY_HAND_END, "").strip()
