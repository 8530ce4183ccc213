"""Change the metadata of a published card.

dualview edit-card dataset --repo-id org/dualview-ifir --set 'pretty_name=DualView'
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import yaml

from dualview.cards.errors import HubError
from dualview.cards.hub.command_line import run_publishing
from dualview.cards.hub.errors import KINDS
from dualview.cards.hub.upload import Published
from dualview.cards.terminal import write_line

if TYPE_CHECKING:
    from huggingface_hub import RepoCard


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    parser.add_argument("kind", choices=KINDS, help="kind of the repository")
    parser.add_argument(
        "--repo-id", required=True, metavar="NAMESPACE/NAME", help="the repository on the Hub"
    )
    parser.add_argument(
        "--set", action="append", required=True, metavar="NAME=VALUE", help="a value in YAML; repeatable"
    )


def run(args: argparse.Namespace) -> int:
    """Change the card and return the exit code.

    :raises HubError: if a setting is malformed, or the card cannot be changed.
    """
    return run_publishing(lambda: _edit_card(args))


def _edit_card(args: argparse.Namespace) -> Published:
    from dualview.cards.hub.edit import edit_published_card
    from dualview.cards.hub.repo import HubRepo

    values = dict(_parsed(pair) for pair in args.set)

    def change(card: RepoCard) -> None:
        for name, value in values.items():
            card.data[name] = value

    repo = HubRepo(args.repo_id, args.kind, write_line)
    return edit_published_card(repo, change, f"Set {', '.join(values)}")


def _parsed(pair: str) -> tuple[str, object]:
    name, equals, value = pair.partition("=")
    try:
        if equals and name:
            return name, yaml.safe_load(value)
    except (ValueError, RecursionError, yaml.YAMLError):
        pass
    raise HubError(f"--set {pair}: is not of the form NAME=VALUE with a value in YAML")
