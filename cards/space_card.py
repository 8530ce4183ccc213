"""The card of a Space, written from what is uploaded: the folder's own README, links, and a place to write.

The metadata decides how the Hub runs a Space, so it is checked here, before anything is uploaded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from huggingface_hub import SpaceCard, SpaceCardData, constants

from dualview.cards.errors import CardError, HubError
from dualview.cards.hub.repo_id import is_hub_id
from dualview.cards.published_card import read_card
from dualview.cards.readme import BY_HAND_END, BY_HAND_START, render, section_by_hand
from dualview.cards.text import Markdown

TAGS = ("information-retrieval", "instruction-following", "dual-view")


@dataclass(frozen=True)
class SpaceFacts:
    """What a Space's card says.

    :param metadata: of the folder's README: title, SDK, its version, and so on.
    :param body: the text of the folder's README, which is Markdown already.
    :param models: Hub ids of what the Space shows; with ``datasets``, what its metadata names too.
    """

    metadata: dict[str, Any]
    body: str
    models: tuple[str, ...]
    datasets: tuple[str, ...]


def read_space_facts(
    readme: str, paths: Sequence[str], where: str, models: Sequence[str] = (), datasets: Sequence[str] = ()
) -> SpaceFacts:
    """What the README of a Space's folder says.

    :param paths: the files of the Space.
    :param where: what the README is called in an error.
    :param models: Hub ids that take the place of those in its metadata; with ``datasets`` likewise.
    :raises HubError: if the Hub could not run a Space with this metadata.
    """
    card = read_card(readme, "space", where)
    metadata = card.data.to_dict()
    for name in ("title", "sdk"):
        if not metadata.get(name):
            raise HubError(f"{where}: its metadata names no {name}; add '{name}: ...' between the --- lines")
    sdk = metadata["sdk"]
    if sdk not in constants.SPACES_SDK_TYPES:
        raise HubError(f"{where}: sdk is {sdk!r}; the Hub runs {', '.join(constants.SPACES_SDK_TYPES)}")
    if sdk == "gradio":
        # Without it the Hub takes the newest, and the Space stops working some day.
        if not re.fullmatch(r"\d+\.\d+\.\d+", str(metadata.get("sdk_version"))):
            raise HubError(f"{where}: sdk_version is no version; pin it, such as 'sdk_version: 6.31.0'")
        if metadata.get("app_file", "app.py") not in paths:
            raise HubError(f"{where}: app_file is {metadata.get('app_file', 'app.py')!r}, which is not there")
    for name, given in (("models", models), ("datasets", datasets)):
        metadata[name] = list(given) or [value for value in metadata.get(name) or [] if is_hub_id(value)]
        if wrong := [value for value in given if not is_hub_id(value)]:
            raise HubError(f"{wrong[0]!r} is no id on the Hub; write NAMESPACE/NAME")
    metadata["tags"] = list(dict.fromkeys([*(metadata.get("tags") or []), *TAGS]))
    return SpaceFacts(metadata, card.text, tuple(metadata["models"]), tuple(metadata["datasets"]))


def space_card_data(facts: SpaceFacts) -> SpaceCardData:
    """The metadata of the card: how the Hub runs the Space, and what it lists it under."""
    return SpaceCardData(**{name: value for name, value in facts.metadata.items() if value not in (None, [])})


def render_space_card(facts: SpaceFacts, where: str = "README.md") -> str:
    """The text of the card with its metadata.

    :raises HubError: if the section by hand of the folder's README is not closed.
    """
    body = facts.body.strip("\n")
    try:
        by_hand = section_by_hand(body, where)
    except CardError as error:
        raise HubError(str(error)) from error
    text = render(
        "space_card.md.jinja",
        metadata=Markdown(space_card_data(facts).to_yaml()),
        body=Markdown(body),
        has_section=BY_HAND_START in body and BY_HAND_END in body,
        by_hand=by_hand,
        models=facts.models,
        datasets=facts.datasets,
    )
    # The library's own class parses what was rendered: what it cannot read back is not published.
    return str(SpaceCard(text))
