"""Card of a Space: the README of its folder, links to models and datasets, and a section by hand.

The metadata decides how the Hub runs a Space, so it is checked before anything is uploaded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from huggingface_hub import SpaceCard, SpaceCardData, constants

from dualview.cards.errors import CardError, HubError
from dualview.cards.metadata.names import is_hub_id
from dualview.cards.readme import BY_HAND_END, BY_HAND_START, read_card, render, section_by_hand
from dualview.cards.text import Markdown

# The owner of ids in the READMEs of this project's Spaces that are to be replaced.
_PLACEHOLDER = "org/"
TAGS = ("information-retrieval", "instruction-following", "dual-view")


@dataclass(frozen=True)
class SpaceFacts:
    """Content of a Space's card.

    :param metadata: of the folder's README: title, SDK, its version, and so on.
    :param body: the text of the folder's README, which is Markdown already.
    :param models: Hub ids of the models that the Space shows; ``datasets`` likewise.
    """

    metadata: dict[str, Any]
    body: str
    models: tuple[str, ...]
    datasets: tuple[str, ...]


def read_space_facts(
    readme: str, paths: Sequence[str], where: str, models: Sequence[str] = (), datasets: Sequence[str] = ()
) -> SpaceFacts:
    """Read and check the README of a Space's folder.

    :param paths: the files of the Space.
    :param where: the README's name in an error.
    :param models: Hub ids that replace those in its metadata; ``datasets`` likewise.
    :raises HubError: if the Hub could not run a Space with this metadata, or the metadata names a placeholder
        for the model.
    """
    card = read_card(readme, "space", where)
    metadata = card.data.to_dict()
    for name in ("title", "sdk"):
        if not metadata.get(name):
            raise HubError(f"{where}: its metadata has no {name}; add '{name}: ...' between the --- lines")
    sdk = metadata["sdk"]
    if sdk not in constants.SPACES_SDK_TYPES:
        raise HubError(f"{where}: sdk is {sdk!r}; the Hub runs {', '.join(constants.SPACES_SDK_TYPES)}")
    if sdk == "gradio":
        # Without it the Hub takes the newest version, with which the Space may not work.
        if not re.fullmatch(r"\d+\.\d+\.\d+", str(metadata.get("sdk_version"))):
            raise HubError(f"{where}: sdk_version is not a version; write one, such as 'sdk_version: 6.31.0'")
        app_file = metadata.get("app_file", "app.py")
        if app_file not in paths:
            raise HubError(f"{where}: app_file is {app_file!r}, but there is no such file; correct the name")
    for name, given in (("models", models), ("datasets", datasets)):
        if wrong := [value for value in given if not is_hub_id(value)]:
            raise HubError(f"{wrong[0]!r} is not an id on the Hub; write NAMESPACE/NAME")
        named = [value for value in metadata.get(name) or [] if isinstance(value, str) and is_hub_id(value)]
        placeholders = [value for value in named if value.startswith(_PLACEHOLDER)]
        if placeholders and name == "models" and not given:
            raise HubError(
                f"{where}: the model {placeholders[0]} is a placeholder; add --model NAMESPACE/NAME"
            )
        # The Space runs without a dataset, so a placeholder for one is left out.
        metadata[name] = list(given) or [value for value in named if value not in placeholders]
    if metadata.get("preload_from_hub"):
        # Models that the Hub downloads before the Space starts: those that it shows.
        metadata["preload_from_hub"] = list(metadata["models"])
    metadata["tags"] = list(dict.fromkeys([*(metadata.get("tags") or []), *TAGS]))
    return SpaceFacts(metadata, card.text, tuple(metadata["models"]), tuple(metadata["datasets"]))


def thumbnail_url(path: str, repo_id: str) -> str:
    """Return the address that the Hub needs for a picture in the Space's folder; an address stays."""
    return path if "://" in path else f"{constants.ENDPOINT}/spaces/{repo_id}/resolve/main/{path}"


def space_card_data(facts: SpaceFacts) -> SpaceCardData:
    """Return the metadata of the card."""
    return SpaceCardData(**{name: value for name, value in facts.metadata.items() if value not in (None, [])})


def render_space_card(facts: SpaceFacts, where: str = "README.md") -> str:
    """Return the text of the card with its metadata.

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
    # The library's own class parses the rendered text: a card that it cannot read is not published.
    return str(SpaceCard(text))
