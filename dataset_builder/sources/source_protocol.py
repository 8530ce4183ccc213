"""Protocol of the sources of a build, and the facts that card and recipe give of each.

A source is read twice: once to plan the splits, once to write. Every pass gives the same items in the same
order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dualview.dataset_builder.schema import SourceItem

#: Licence of text for which none was given.
UNKNOWN_LICENSE = "unknown"


@dataclass(frozen=True)
class SourceFacts:
    """Facts of a source for card and recipe.

    :param license: of the passages, such as ``apache-2.0``; ``unknown`` where none was given.
    :param origin: provenance of the text, one sentence.
    :param languages: codes such as ``en``; empty where none was given.
    :param files: name -> SHA-256 of the files that were read; empty where a source reads none.
    """

    name: str
    license: str
    origin: str
    languages: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


class Source(Protocol):
    """Candidate sets, attributed topics, answer sets or plain queries from one place."""

    def __iter__(self) -> Iterator[SourceItem]:
        """The items, from the first; their ``source`` and ``license`` are set."""
        ...

    def describe(self) -> SourceFacts:
        """The facts of the source, with a digest of each file it reads."""
        ...


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
