"""Options and output of all publishing commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from huggingface_hub.utils import disable_progress_bars

from dualview.cards.hub.upload import Published, PublishOptions
from dualview.cards.terminal import printable


def add_publish_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a publishing command, in groups."""
    repository = parser.add_argument_group("repository")
    repository.add_argument(
        "--repo-id", required=True, metavar="NAMESPACE/NAME", help="the repository on the Hub"
    )
    repository.add_argument(
        "--public", action="store_true", help="make it public (default: a new repository is private)"
    )
    repository.add_argument("--yes", action="store_true", help="do not ask before it becomes public")
    repository.add_argument(
        "--force", action="store_true", help="overwrite a repository that is not of this project"
    )
    upload = parser.add_argument_group("upload")
    upload.add_argument(
        "--include",
        action="append",
        default=[],
        metavar="PATTERN",
        help="also publish files whose path in the folder matches, such as 'plots/*.png'; repeatable",
    )
    upload.add_argument("--dry-run", action="store_true", help="list every file and do nothing")
    upload.add_argument("--message", default="", help="commit message")
    upload.add_argument("--tag", default="", help="name for the commit, such as v1.0")


def publish_options(arguments: argparse.Namespace, message: str) -> PublishOptions:
    """Read the options from parsed arguments.

    :param message: of the commit, if the user gave none.
    """
    return PublishOptions(
        message=arguments.message or message,
        public=arguments.public,
        assume_yes=arguments.yes,
        dry_run=arguments.dry_run,
        force=arguments.force,
        tag=arguments.tag,
    )


def run_publishing(work: Callable[[], Published]) -> int:
    """Publish, write the commit's address to standard output, and return the exit code 0.

    :raises HubError: as the work does.
    """
    if not sys.stderr.isatty():
        disable_progress_bars()
    done = work()
    if done.commit:
        sys.stdout.write(f"{printable(done.url)}/commit/{printable(done.commit)}\n")
    return 0
