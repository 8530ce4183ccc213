"""The flags that all publishing commands have in common."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from huggingface_hub.utils import disable_progress_bars

from dualview.cards.errors import InputError
from dualview.cards.hub.upload import Published, PublishOptions


def add_publish_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags to a command."""
    parser.add_argument(
        "--repo-id", required=True, metavar="NAMESPACE/NAME", help="the repository on the Hub"
    )
    parser.add_argument("--public", action="store_true", help="let everybody see it; it is private otherwise")
    parser.add_argument("--yes", action="store_true", help="do not ask before it becomes public")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument(
        "--force", action="store_true", help="write over a repository that is not of this project"
    )
    parser.add_argument("--message", default="", help="of the commit")
    parser.add_argument("--tag", default="", help="names the commit, such as v1.0")


def publish_options(arguments: argparse.Namespace, message: str) -> PublishOptions:
    """What the flags say.

    :param message: of the commit, where none is given.
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
    """Publish, write the commit's address to standard output, and return the exit code."""
    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        done = work()
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("stopped; what was uploaded so far is not sent again\n")
        return 130
    if done.commit:
        sys.stdout.write(f"{done.url}/commit/{done.commit}\n")
    return 0
