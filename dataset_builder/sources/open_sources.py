"""Opens the sources that ``--source`` names: known names, and paths of JSONL files."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from dualview.cards.errors import InputError
from dualview.dataset_builder.sources import (
    attributed,
    own_jsonl,
    promptriever,
    shipped,
    text_settings,
)
from dualview.dataset_builder.sources.beir import beir_settings, beir_source
from dualview.dataset_builder.sources.beir.beir_settings import BeirSettings
from dualview.dataset_builder.sources.documents.folder import SUFFIXES
from dualview.dataset_builder.sources.passages import open_passages
from dualview.dataset_builder.sources.passages.open_passages import PassageSettings
from dualview.dataset_builder.sources.passages.table_rows import TABLE_SUFFIXES, table_suffix
from dualview.dataset_builder.sources.promptriever import PromptrieverSettings
from dualview.dataset_builder.sources.source_protocol import UNKNOWN_LICENSE, Source, SourceFacts
from dualview.dataset_builder.sources.text_settings import TextSettings

AddArguments: TypeAlias = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True)
class SourceSettings:
    """Settings of all kinds of sources; each source reads its own.

    :param text: facts that a user gives of their text.
    :param table: description of a corpus with attributes, for ``attributed``: a file or a shipped name.
    """

    text: TextSettings = field(default_factory=TextSettings)
    promptriever: PromptrieverSettings = field(default_factory=PromptrieverSettings)
    beir: BeirSettings = field(default_factory=BeirSettings)
    table: str | None = None
    passages: PassageSettings = field(default_factory=PassageSettings)

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> SourceSettings:
        """The settings that the flags give."""
        return cls(
            TextSettings.from_arguments(args),
            PromptrieverSettings.from_arguments(args),
            BeirSettings.from_arguments(args),
            args.facets,
            PassageSettings.from_arguments(args),
        )


class _OpenedSource(Source, Protocol):
    """A source with its facts at hand, before any file is read."""

    @property
    def facts(self) -> SourceFacts: ...


@dataclass(frozen=True)
class _Kind:
    """A kind of source.

    :param open: makes the sources from the part of ``--source`` after the colon, or from a path.
    :param arguments: add the options that have an effect on it.
    """

    open: Callable[[str, SourceSettings], Sequence[_OpenedSource]]
    arguments: tuple[AddArguments, ...] = ()


_FILE = _Kind(
    lambda path, settings: own_jsonl.open_sources(path, settings.text), (text_settings.add_arguments,)
)
_NAMED: Mapping[str, _Kind] = {
    "seeds": _Kind(lambda argument, _: shipped.open_sources(argument)),
    "promptriever": _Kind(
        lambda argument, settings: promptriever.open_sources(argument, settings.promptriever, settings.text),
        (text_settings.add_arguments, promptriever.add_arguments),
    ),
    "beir": _Kind(
        lambda argument, settings: beir_source.open_sources(
            argument, settings.beir, settings.text, settings.passages
        ),
        (text_settings.add_arguments, beir_settings.add_arguments, open_passages.add_arguments),
    ),
    "passages": _Kind(
        lambda argument, settings: _open_passages(argument, settings),
        (text_settings.add_arguments, open_passages.add_arguments),
    ),
    "attributed": _Kind(
        lambda argument, settings: attributed.open_sources(argument, settings.table, settings.text),
        (text_settings.add_arguments,),
    ),
}
# Tables that are no JSONL.
_TABLES = tuple(suffix for suffix in TABLE_SUFFIXES if not suffix.startswith((".json", ".nd")))
#: Sources that have a name: ``NAME`` or ``NAME:ARGUMENT``. Anything else is the path of a JSONL file.
SOURCE_NAMES = tuple(_NAMED)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of all sources to a command."""
    for add in dict.fromkeys(add for kind in (_FILE, *_NAMED.values()) for add in kind.arguments):
        add(parser)


def arguments_of(name: str) -> tuple[AddArguments, ...]:
    """Functions that add the options which have an effect on a value of ``--source``.

    :raises InputError: if the value names no source.
    """
    return _kind(name)[0].arguments


def open_sources(
    names: Sequence[str], settings: SourceSettings, objects: Mapping[str, object] | None = None
) -> list[Source]:
    """The sources of some values of ``--source``, each opened once.

    :param objects: data frames of the calling program, by the names that stand for them among the others.
    :raises InputError: if a value names no source, a source cannot be used, or a fact of the user's text has
        no effect on any of them.
    """
    opened: list[_OpenedSource] = []
    for name in dict.fromkeys(names):
        if objects and name in objects:
            number = list(objects).index(name)
            opened.append(open_passages.open_object(objects[name], settings.passages, settings.text, number))
            continue
        kind, argument = _kind(name)
        opened.extend(kind.open(argument, settings))
    _check_effect(settings.text, [source.facts for source in opened])
    return list(opened)


def _kind(name: str) -> tuple[_Kind, str]:
    """The kind of a source and its argument. A file with the name of a source is given as ``./seeds``."""
    word, _, argument = name.partition(":")
    if word in _NAMED:
        return _NAMED[word], argument
    path = Path(name)
    if path.is_dir():
        raise InputError(
            f"{name}: is a folder; write passages:{name} for its documents, or beir:{name} for BEIR's layout"
        )
    if table_suffix(path) in _TABLES or (path.is_file() and path.suffix.lower() in SUFFIXES):
        raise InputError(f"{name}: is no JSONL file; write passages:{name} for the passages in it")
    if not (path.exists() or name.endswith((".jsonl", ".jsonl.gz", ".json"))):
        known = ", ".join(f"'{kind}'" for kind in _NAMED)
        raise InputError(f"unknown source '{name}'; give {known} or the path of a JSONL file")
    return _FILE, name


def _open_passages(argument: str, settings: SourceSettings) -> Sequence[_OpenedSource]:
    """The passages; a table in a file is read as ``attributed`` where its attributes are described."""
    path = Path(argument)
    if settings.table is None or not argument:
        return open_passages.open_sources(argument, settings.text, settings.passages)
    if path.is_file() and table_suffix(path):
        return attributed.open_sources(argument, settings.table, settings.text)
    raise InputError(
        f"--facets {settings.table}: describes the columns of a table in a file, and passages:{argument} is "
        "none; leave it out"
    )


def _check_effect(text: TextSettings, facts: Sequence[SourceFacts]) -> None:
    """Refuse facts of the user's text that no source takes: they would be lost without a word."""
    given = (
        ("--license", text.license, text.license in (UNKNOWN_LICENSE, *(found.license for found in facts))),
        ("--origin", text.origin, text.origin is None or any(text.origin in found.origin for found in facts)),
        (
            "--language",
            text.language,
            text.language is None or any(text.language in found.languages for found in facts),
        ),
    )
    for flag, value, has_effect in given:
        if not has_effect:
            names = ", ".join(f"{found.name} ({found.license})" for found in facts)
            raise InputError(f"{flag} {value}: has no effect, because {names} states its own; leave it out")
