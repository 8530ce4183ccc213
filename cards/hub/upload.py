"""Input and result of a publish."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dualview.cards.errors import HubError
from dualview.cards.hub.changes import LocalFile
from dualview.cards.hub.retries import Patience
from dualview.cards.terminal import printable

Ask = Callable[[str], bool]


@dataclass(frozen=True)
class Upload:
    """Files to be published.

    :param kind: ``model``, ``dataset`` or ``space``.
    :param files: all files of this project that the repository should hold, with a card.
    :param owned: patterns of paths that belong to this project; other files in the repository that match one
        of them, such as shards of old data, are deleted.
    :param sdk: of a Space.
    :param staying: paths in the folder that are not published, for the user to see.
    :param never: paths in the folder that are never published.
    """

    repo_id: str
    kind: str
    files: tuple[LocalFile, ...]
    owned: tuple[str, ...] = ()
    sdk: str | None = None
    staying: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublishOptions:
    """Options of a publish.

    :param message: of the commit.
    :param public: make the repository public.
    :param assume_yes: do not ask before that.
    :param dry_run: show all that would be done, and do nothing.
    :param force: overwrite a repository that is not of this project.
    :param tag: names the commit.
    """

    message: str = "Publish"
    public: bool = False
    assume_yes: bool = False
    dry_run: bool = False
    force: bool = False
    tag: str = ""
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True)
class Published:
    """Result of a publish.

    :param commit: hash of the commit that holds the content; empty after a dry run.
    :param changed: True if this publish made the commit.
    """

    url: str
    commit: str
    changed: bool


def ask_on_terminal(question: str) -> bool:
    """Ask a user at a terminal; without a terminal the flags are taken as the answer."""
    if not sys.stdin.isatty():
        return True
    sys.stderr.write(f"{printable(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def read_text(folder: Path, name: str) -> str:
    """Read a text file of a folder that is to be published.

    :raises HubError: if there is none, or it is not UTF-8.
    """
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise HubError(f"{folder}: has no {name}; build or train it again, or write one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise HubError(f"{folder / name}: cannot be read ({error})") from error
