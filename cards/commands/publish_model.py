"""Upload a trained model with its card.

    dualview publish model runs/quickstart/training/model --repo-id org/dualview-minilm --dry-run

The query side of a model with two encoders, its folder query/, is uploaded too, to a second repository with
`-query` behind the name: every program that reads a SentenceTransformer loads it from there. A new repository
is private unless you add --public. Log in with `hf auth login` first. To publish checkpoints
during a training, use --push-to-hub of `dualview train`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dualview.cards.hub.command_line import add_publish_arguments, publish_options, run_publishing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    parser.add_argument("folder", type=Path, help="the model's folder")
    add_publish_arguments(parser)
    side = parser.add_argument_group("query side")
    side.add_argument("--no-query", action="store_true", help="publish the whole model alone")


def run(args: argparse.Namespace) -> int:
    """Publish the model and return the exit code.

    :raises HubError: if the model cannot be published.
    """
    from dualview.cards.hub.model_upload import model_upload, query_upload
    from dualview.cards.hub.publish import publish

    options = publish_options(args, f"Publish {args.repo_id.split('/')[-1]}")
    model = model_upload(args.folder, args.repo_id, include=args.include)
    query = None if args.no_query else query_upload(args.folder, args.repo_id)
    code = run_publishing(lambda: publish(model, options))
    return code if query is None else run_publishing(lambda: publish(query, options))
