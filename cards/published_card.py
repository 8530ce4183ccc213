"""A card that is published already: whether it is ours, and what a new one must keep of it."""

from __future__ import annotations

from collections.abc import Sequence

import yaml
from huggingface_hub import DatasetCard, ModelCard, RepoCard, SpaceCard

from dualview.cards.errors import CardError, HubError
from dualview.cards.readme import BY_HAND_END, BY_HAND_START, section_by_hand

# Set on the Hub by those who run a repository, and never by us.
_THEIRS = frozenset(
    """
    thumbnail viewer new_version inference pinned header suggested_hardware suggested_storage
    extra_gated_heading extra_gated_prompt extra_gated_description extra_gated_fields
    extra_gated_button_content extra_gated_eu_disallowed
    """.split()  # noqa: SIM905 - a list of strings says no more
)
_CLASSES: dict[str, type[RepoCard]] = {"dataset": DatasetCard, "model": ModelCard, "space": SpaceCard}
_EMPTY = f"{BY_HAND_START}\n{BY_HAND_END}"


def keep_theirs(card: str, published: str | None, kind: str, where: str) -> str:
    """A card to publish, with what people put into the published one.

    That is the section by hand, unless the new card has text of its own there, and the metadata that is set
    on the Hub, such as the questions of a gated repository.

    :param published: the text of the published card, or None.
    :param where: what the published card is called in an error.
    :raises HubError: if the published card cannot be read.
    """
    if published is None:
        return card
    try:
        theirs = section_by_hand(published.replace("\r\n", "\n"), where)
        ours = section_by_hand(card, where)
        if _is_blank(ours) and not _is_blank(theirs) and ours in card:
            card = card.replace(ours, theirs, 1)
        metadata = read_card(published, kind, where).data.to_dict()
    except CardError as error:
        raise HubError(str(error)) from error
    new = read_card(card, kind, where)
    missing = {name: metadata[name] for name in metadata.keys() & _THEIRS if new.data.get(name) is None}
    if missing:
        for name, value in sorted(missing.items()):
            new.data[name] = value
        card = str(new)
    return card


def is_ours(card: str | None, paths: Sequence[str], kind: str) -> bool:
    """Whether a repository may be written over: it is new, or its card says that it is of this project.

    :param card: the text of its card, or None.
    :param paths: all that it holds.
    """
    if set(paths) <= {".gitattributes"}:
        return True
    if card is None:
        return False
    try:
        read = read_card(card, kind, "the card")
    except HubError:
        return False
    # What the Hub's page "New repository" writes: a licence, and no text.
    fresh = set(paths) <= {".gitattributes", "README.md"} and not read.text.strip()
    return fresh or "dual-view" in (read.data.get("tags") or [])


def read_card(card: str, kind: str, where: str) -> RepoCard:
    """The metadata and the text of a card.

    :param where: what it is called in an error.
    :raises HubError: if its metadata cannot be read.
    """
    try:
        return _CLASSES[kind](card, ignore_metadata_errors=True)
    except (ValueError, yaml.YAMLError) as error:
        raise HubError(f"{where}: its metadata cannot be read ({' '.join(str(error).split())})") from error


def _is_blank(section: str) -> bool:
    return not section.replace(BY_HAND_START, "").replace(BY_HAND_END, "").strip()
