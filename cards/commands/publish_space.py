"""Upload a Space's folder.

    dualview publish space spaces/instruction_flip --repo-id org/instruction-flip --model org/dualview-minilm

A new Space is private unless you add --public. Log in with `hf auth login` first.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dualview.cards.hub.command_line import add_publish_arguments, publish_options, run_publishing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    parser.add_argument("folder", type=Path, help="the Space's folder, with a README.md")
    card = parser.add_argument_group("card")
    card.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="NAMESPACE/NAME",
        help="a model that the Space shows (default: those of its README.md); repeatable",
    )
    card.add_argument(
        "--dataset",
        action="append",
        default=[],
        metavar="NAMESPACE/NAME",
        help="a dataset that the Space shows (default: those of its README.md); repeatable",
    )
    add_publish_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Publish the Space and return the exit code.

    :raises HubError: if the Space cannot be published.
    """
    from dualview.cards.hub.publish import publish
    from dualview.cards.hub.space_upload import space_upload

    options = publish_options(args, f"Publish {args.folder.resolve().name}")
    return run_publishing(
        lambda: publish(
            space_upload(args.folder, args.repo_id, args.model, args.dataset, args.include), options
        )
    )
