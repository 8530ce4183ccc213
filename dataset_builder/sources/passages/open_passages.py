"""Opens the source ``passages:PATH``, and data frames that a program passes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.dataset_builder.sources.documents.folder import SUFFIXES, digest_files
from dualview.dataset_builder.sources.documents.tally import Tally
from dualview.dataset_builder.sources.passages import columns as column_options
from dualview.dataset_builder.sources.passages import hub_rows
from dualview.dataset_builder.sources.passages.columns import ColumnSettings, records_of_rows
from dualview.dataset_builder.sources.passages.document_records import read_folder
from dualview.dataset_builder.sources.passages.hub_rows import HubSettings, is_hub_id, rows_of_hub
from dualview.dataset_builder.sources.passages.passage_source import PassageSource
from dualview.dataset_builder.sources.passages.record import Record
from dualview.dataset_builder.sources.passages.table_rows import (
    TABLE_SUFFIXES,
    rows_of_file,
    rows_of_object,
    table_suffix,
)
from dualview.dataset_builder.sources.pipes import copy_if_pipe
from dualview.dataset_builder.sources.promptriever_rows import pin_revision
from dualview.dataset_builder.sources.source_protocol import sha256_of_file
from dualview.dataset_builder.sources.text_settings import TextSettings


@dataclass(frozen=True)
class PassageSettings:
    """Settings of the source ``passages``."""

    columns: ColumnSettings = field(default_factory=ColumnSettings)
    hub: HubSettings = field(default_factory=HubSettings)

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> PassageSettings:
        """The settings that the flags give."""
        return cls(ColumnSettings.from_arguments(args), HubSettings.from_arguments(args))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the source."""
    column_options.add_arguments(parser)
    hub_rows.add_arguments(parser)


def open_sources(
    argument: str, text: TextSettings, settings: PassageSettings | None = None
) -> list[PassageSource]:
    """The source of a folder of documents, a document, a table, or a data set on the Hub.

    :param settings: columns of a table, and the part of a data set; None for those with usual names.
    :raises InputError: if it is none of them.
    """
    settings = settings or PassageSettings()
    if not argument:
        raise InputError(
            "--source passages: names no file; write it like passages:docs/, passages:guides.csv or "
            "passages:org/name"
        )
    dataset, _, config = argument.partition(":")
    if not Path(argument).exists() and is_hub_id(dataset) and table_suffix(Path(dataset)) is None:
        return [_open_hub(dataset, config or None, settings, text)]
    path = copy_if_pipe(Path(argument))
    if not path.exists():
        raise InputError(
            f"{path}: no such file or folder; check the path, or give the id of a data set, org/name"
        )
    if path.is_file() and table_suffix(path):
        return [open_table(path, settings.columns, text)]
    if path.is_file() and path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{path}: is of no kind that can be read; give a folder, a table ({', '.join(TABLE_SUFFIXES)}) "
            f"or a document ({', '.join(SUFFIXES)})"
        )
    return [_open_documents(path, settings.columns, text)]


def open_object(table: object, settings: PassageSettings, text: TextSettings, number: int) -> PassageSource:
    """The source of a data frame or data set that a program holds.

    :param number: its place among the sources, from 0, which names it.
    """
    name = "table" if number == 0 else f"table-{number + 1}"

    def read(tally: Tally) -> Iterator[Record]:
        return records_of_rows(rows_of_object(table, name), settings.columns, name, tally)

    facts = text.facts(name, "A data frame of the calling program")
    return PassageSource(facts, read, lambda: (), settings.columns.attributes)


def _open_documents(path: Path, settings: ColumnSettings, text: TextSettings) -> PassageSource:
    for flag, value in (("--text", settings.text), ("--title", settings.title), ("--id", settings.docid)):
        if value is not None:
            raise InputError(f"{flag} {value}: names a column, and {path} holds documents; leave it out")
    resolved = path.resolve()
    name = resolved.name if path.is_dir() else resolved.stem
    what = f"The {'files of the folder' if path.is_dir() else 'file'} {resolved.name}"
    return PassageSource(
        text.facts(name, what),
        lambda tally: read_folder(path, tally),
        lambda: ((resolved.name, digest_files(path)),),
        settings.attributes,
    )


def open_table(
    path: Path, settings: ColumnSettings, text: TextSettings, name: str | None = None
) -> PassageSource:
    """The source of a table in a file.

    :param name: of the source; None to name it like the file.
    """
    name = name or path.name.removesuffix(".gz").rsplit(".", 1)[0]
    return PassageSource(
        text.facts(name, f"The file {path.name}"),
        lambda tally: records_of_rows(rows_of_file(path), settings, name, tally),
        lambda: ((path.name, sha256_of_file(path)),),
        settings.attributes,
    )


def _open_hub(
    dataset: str, config: str | None, settings: PassageSettings, text: TextSettings
) -> PassageSource:
    try:
        commit = pin_revision(dataset, settings.hub.revision)
    except InputError as error:
        # Most likely a mistyped path: it has the form of an id too.
        raise InputError(f"{dataset}: is no file or folder here, and as a data set: {error}") from error
    name = dataset.rsplit("/", 1)[1]

    def read(tally: Tally) -> Iterator[Record]:
        rows = rows_of_hub(dataset, config, settings.hub.split, commit)
        return records_of_rows(rows, settings.columns, name, tally)

    facts = text.facts(name, f"The data set {dataset} on the Hub, commit {commit}")
    return PassageSource(facts, read, lambda: (), settings.columns.attributes)
