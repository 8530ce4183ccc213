"""The protocol that all sources meet, and how ``--source`` finds them.

A source is read twice: once to plan the splits, once to write. Every pass gives the same items in the same
order.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dualview.cards.errors import InputError
from dualview.dataset_builder.schema import SourceItem

#: Sources that are named, not files: ``NAME`` or ``NAME:ARGUMENT``. A module of a source has
#: ``add_arguments(parser)`` and ``open_sources(argument, args)``, and is imported when it is asked for.
MODULES = {
    "seeds": "dualview.dataset_builder.sources.shipped",
    "promptriever": "dualview.dataset_builder.sources.promptriever",
    "beir": "dualview.dataset_builder.sources.beir",
    "attributed": "dualview.dataset_builder.sources.attributed",
}
#: What reads the path of a file.
JSONL_MODULE = "dualview.dataset_builder.sources.own_jsonl"


@dataclass(frozen=True)
class SourceFacts:
    """What the card and the recipe say of a source.

    :param license: of the passages, such as ``apache-2.0``; ``unknown`` where nobody said.
    :param origin: where the text comes from, one sentence.
    :param languages: codes such as ``en``; empty where nobody said.
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
        """What the card and the recipe say of the source."""
        ...


def open_sources(names: Sequence[str], args: argparse.Namespace) -> list[Source]:
    """The sources behind the values of ``--source``: known names, and paths of JSONL files.

    :raises InputError: if a name is neither.
    """
    sources: list[Source] = []
    for name in dict.fromkeys(names):
        module = module_of(name)
        argument = name if module == JSONL_MODULE else name.partition(":")[2]
        sources.extend(importlib.import_module(module).open_sources(argument, args))
    return sources


def module_of(name: str) -> str:
    """The module behind a value of ``--source``. A file with the name of a source is given as ``./seeds``.

    :raises InputError: if it is neither a known name nor the path of a JSONL file.
    """
    if module := MODULES.get(name.partition(":")[0]):
        return module
    if not (Path(name).exists() or name.endswith((".jsonl", ".jsonl.gz", ".json"))):
        known = ", ".join(f"'{kind}'" for kind in MODULES)
        raise InputError(f"unknown source '{name}'; give {known} or the path of a JSONL file")
    return JSONL_MODULE


def modules_of(name: str) -> list[str]:
    """The modules whose flags have a say in a value of ``--source``: text of one's own has a licence.

    :raises InputError: if it names no source.
    """
    module = module_of(name)
    return [module] if module == MODULES["seeds"] else list(dict.fromkeys((JSONL_MODULE, module)))


def sha256_of_file(path: Path) -> str:
    """The digest that :attr:`SourceFacts.files` holds of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
