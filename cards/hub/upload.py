"""What is published, how, and what comes of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dualview.cards.errors import HubError
from dualview.cards.hub.changes import LocalFile
from dualview.cards.hub.retries import Patience

Ask = Callable[[str], bool]


@dataclass(frozen=True)
class Upload:
    """What is to be published.

    :param kind: ``model``, ``dataset`` or ``space``.
    :param files: all that the repository should hold of ours; a card among them.
    :param owned: patterns of paths of which the repository should hold no others, such as shards of old data.
    :param sdk: of a Space.
    """

    repo_id: str
    kind: str
    files: tuple[LocalFile, ...]
    owned: tuple[str, ...] = ()
    sdk: str | None = None


@dataclass(frozen=True)
class PublishOptions:
    """How it is published.

    :param public: let everybody see it.
    :param assume_yes: do not ask before that.
    :param dry_run: say what would be done, and do nothing.
    :param force: write over what is not of this project.
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
    """What came of it.

    :param commit: hash of the commit that holds the content; empty after a dry run.
    :param changed: whether that commit was made now.
    """

    url: str
    commit: str
    changed: bool


def say_on_stderr(line: str) -> None:
    """Progress goes where it does not mix with data."""
    sys.stderr.write(f"{line}\n")


def ask_on_terminal(question: str) -> bool:
    """Ask somebody who sits at a terminal; where nobody does, the flags have said it."""
    if not sys.stdin.isatty():
        return True
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def read_text(folder: Path, name: str) -> str:
    """A text file of a folder that is to be published.

    :raises HubError: if there is none, or it is no UTF-8.
    """
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise HubError(f"{folder}: has no {name}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise HubError(f"{folder / name}: cannot be read ({error})") from error
