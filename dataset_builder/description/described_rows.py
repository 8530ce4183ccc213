"""The rows that ``--describe`` counts, for each kind of source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.sources.beir.beir_files import find_beir_files, find_corpus_alone
from dualview.dataset_builder.sources.documents.folder import SUFFIXES, read_documents
from dualview.dataset_builder.sources.documents.tally import Tally
from dualview.dataset_builder.sources.open_sources import SourceSettings
from dualview.dataset_builder.sources.passages.document_records import records_of
from dualview.dataset_builder.sources.passages.hub_rows import is_hub_id, rows_of_hub
from dualview.dataset_builder.sources.passages.table_rows import rows_of_file, table_suffix
from dualview.dataset_builder.sources.promptriever_rows import pin_revision


@dataclass(frozen=True)
class DescribedRows:
    """Rows to count.

    :ivar name: of what they are, for a heading.
    :ivar what: one row in the plural, such as ``passages``.
    :ivar tally: what was left out, once they are read.
    :ivar file: the table that they are from; None for documents and data sets on the Hub.
    """

    name: str
    what: str
    rows: Iterator[Row]
    tally: Tally
    file: Path | None = None


def find_rows(source: str, settings: SourceSettings) -> list[DescribedRows]:
    """The rows of a value of ``--source``.

    :raises InputError: if it names no file, folder or data set.
    """
    word, _, argument = source.partition(":")
    if word == "beir" and argument:
        return _of_beir(Path(argument), settings)
    path = argument if word in ("passages", "attributed") else source
    dataset, _, config = path.partition(":")
    if word == "passages" and not Path(path).exists() and is_hub_id(dataset):
        hub = settings.passages.hub
        rows = rows_of_hub(dataset, config or None, hub.split, pin_revision(dataset, hub.revision))
        return [DescribedRows(path, "rows", rows, Tally())]
    found = Path(path)
    if found.is_file() and table_suffix(found):
        return [_of_table(found)]
    if found.is_dir() or (found.is_file() and found.suffix.lower() in SUFFIXES):
        tally = Tally()
        return [DescribedRows(path, "passages", _of_documents(found, tally), tally)]
    raise InputError(
        f"--describe: {source} is no table, folder or data set that exists; give passages:PATH, "
        "attributed:FILE, beir:FOLDER or the path of a JSONL file"
    )


def _of_beir(folder: Path, settings: SourceSettings) -> list[DescribedRows]:
    if (corpus := find_corpus_alone(folder)) is not None:
        paths = [corpus]
    else:
        files = find_beir_files(folder, settings.beir.split)
        paths = [files.corpus, files.queries]
    return [_of_table(path) for path in paths]


def _of_table(path: Path) -> DescribedRows:
    return DescribedRows(str(path), "rows", rows_of_file(path), Tally(), path)


def _of_documents(root: Path, tally: Tally) -> Iterator[Row]:
    """The passages of documents as rows: title, heading, text, and what the front matter has."""
    for name, document in read_documents(root, tally):
        for record in records_of(name, document, tally):
            fields: dict[str, object] = {
                "title": record.passage.title,
                "topic": record.topic or None,
                "heading": record.heading or None,
                "text": record.passage.text,
            }
            fields.update({name: list(values) for name, values in record.attributes.items()})
            yield Row(record.where, fields)
