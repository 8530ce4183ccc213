"""The source ``attributed:FILE``: a user's corpus whose passages have attributes, described by a table.

Design:

- The passages of a topic agree in the table's fields, anywhere in the file. SQLite brings them together, in a
  temporary file where it needs one, so that memory does not grow with them.
- Topics come in the order of a hash, and the passages of a topic too: a corpus is often sorted by the very
  attributes that distinguish its passages.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.text import shorten
from dualview.dataset_builder.schema import AttributedTopic, Passage
from dualview.dataset_builder.sources.passages.table_rows import numbered_rows
from dualview.dataset_builder.sources.pipes import copy_if_pipe
from dualview.dataset_builder.sources.source_protocol import (
    UNKNOWN_LICENSE,
    SourceFacts,
    sha256_of_file,
)
from dualview.dataset_builder.sources.text_settings import TextSettings
from dualview.dataset_builder.text_keys import exact_hash, text_hash
from dualview.dataset_builder.writers.facets.conditions import UNSURE
from dualview.dataset_builder.writers.facets.corpora import CorpusTable, load_corpus_table
from dualview.dataset_builder.writers.facets.draws import Draw
from dualview.dataset_builder.writers.facets.fields import read_values
from dualview.dataset_builder.writers.facets.grouping import same_key

_FEWEST_PASSAGES = 2
# Fields of a corpus that are kept for a message, and the characters of them that it shows.
_MOST_FIELDS = 100
_SHOWN_CHARACTERS = 300


@dataclass(frozen=True)
class _Entry:
    """A passage with the values of its row, before it has a topic."""

    key: tuple[str, ...]
    passage: Passage
    values: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class AttributedSource:
    """The topics of one corpus. A passage is in one topic at most; one that is alone is in none.

    Relations: :class:`dualview.dataset_builder.sources.own_jsonl.JsonlSource` reads passages whose lines name
    their topic and their attributes themselves.
    """

    table: CorpusTable
    path: Path
    facts: SourceFacts

    def __iter__(self) -> Iterator[AttributedTopic]:
        """The topics; each pass reads the file again.

        :raises InputError: if a line is wrong, an id comes twice, or no two passages share a topic.
        """
        found = False
        with closing(sqlite3.connect("")) as store:
            self._store(store)
            rows = store.execute("SELECT place, body FROM entries ORDER BY topic, drawn, place")
            for key, entries in groupby(map(_load, rows), key=lambda entry: same_key(entry.key)):
                for number, topic in enumerate(_cut(_different(entries), self.table.grouping.most_passages)):
                    found = True
                    yield self._make_topic(key, number, topic)
        if not found:
            raise InputError(
                f"{self.path}: no two passages agree in the fields of 'group_by'; check the table's topics"
            )

    def describe(self) -> SourceFacts:
        """The facts of the corpus with a digest of its file."""
        return replace(self.facts, files=((self.path.name, sha256_of_file(self.path)),))

    def _store(self, store: sqlite3.Connection) -> None:
        """Put the passages into a table from which they come back topic by topic."""
        store.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE entries (topic INTEGER, drawn INTEGER, place INTEGER, body TEXT);"
        )
        store.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", self._read())
        if self.table.docid:
            twice = store.execute(
                "SELECT min(place), max(place) FROM entries GROUP BY drawn HAVING count(*) > 1"
            ).fetchone()
            if twice:
                raise InputError(
                    f"{self.path}, line {twice[1]}: the id of line {twice[0]} again; give every passage its "
                    "own, or remove 'id' from the table to number the lines"
                )

    def _read(self) -> Iterator[tuple[int, int, int, str]]:
        table = self.table
        missing, fields = set(table.fields()), set[str]()
        for line, row in numbered_rows(self.path):
            missing.difference_update(row.fields)
            if len(fields) < _MOST_FIELDS:
                fields.update(row.fields)
            key = table.grouping.key(row)
            text = row.text(table.text)
            if key is None or any(phrase in text for phrase in table.leave_out):
                continue
            docid = row.optional_text(table.docid) if table.docid else None
            body = (
                key,
                docid or f"{table.name}-{line}",
                (row.optional_text(table.title) if table.title else None) or "",
                text,
                {name: values for name in table.attributes if (values := read_values(row, name))},
            )
            yield (
                exact_hash(same_key(key)),
                exact_hash(body[1]),
                line,
                json.dumps(body, ensure_ascii=False),
            )
        if missing:
            # Most likely a misspelled one.
            raise InputError(
                f"{table.where}: names the field '{min(missing)}', which no passage of {self.path} has; "
                f"its fields are {shorten(', '.join(sorted(fields)), _SHOWN_CHARACTERS)}"
            )

    def _make_topic(self, key: str, number: int, entries: list[_Entry]) -> AttributedTopic:
        table, first = self.table, entries[0]
        query_id = f"{table.name}:{'/'.join(first.key)}:{number}"
        return AttributedTopic(
            query_id=query_id,
            query=table.grouping.query(first.key, Draw(table.name, key, str(number))),
            passages=tuple(entry.passage for entry in entries),
            attributes=tuple(self._judge(entries)),
            source=table.name,
            license=self.facts.license,
        )

    def _judge(self, entries: list[_Entry]) -> list[dict[str, tuple[str, ...]]]:
        """The attributes of a topic's passages, without those that a passage must show and does not."""
        judged = [dict(entry.values) for entry in entries]
        texts = [entry.passage.encoded.casefold() for entry in entries]
        for name, evidence in self.table.evidence.items():
            recorded = [entry.values.get(name, ()) for entry in entries]
            for attributes, (sure, unsure) in zip(judged, evidence.judge(texts, recorded), strict=True):
                if name in attributes:
                    attributes[name] = sure
                    attributes[name + UNSURE] = unsure
        return judged


def open_sources(argument: str, table: str | None, text: TextSettings) -> list[AttributedSource]:
    """The corpus in a file, read as a table describes it.

    :param argument: the path of a table: JSONL, CSV or Parquet.
    :param table: a YAML file or the name of a shipped table, from ``--facets``.
    :param text: facts of the corpus that the table does not state.
    :raises InputError: if the file or the table is missing, or the table is wrong.
    """
    if not argument:
        raise InputError("--source attributed: names no file; write it like attributed:movies.jsonl.gz")
    if table is None:
        raise InputError(f"--source attributed:{argument}: needs --facets with the table of its attributes")
    path = copy_if_pipe(Path(argument))
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    loaded = load_corpus_table(table)
    given = text.facts(loaded.name, f"The file {path.name}")
    facts = replace(
        given,
        license=given.license if loaded.license in (None, UNKNOWN_LICENSE) else loaded.license,
        origin=loaded.origin or given.origin,
        languages=loaded.languages or given.languages,
    )
    return [AttributedSource(loaded, path, facts)]


def _load(row: tuple[int, str]) -> _Entry:
    key, docid, title, text, values = json.loads(row[1])
    return _Entry(tuple(key), Passage(docid, title, text), {name: tuple(v) for name, v in values.items()})


def _different(entries: Iterable[_Entry]) -> Iterator[_Entry]:
    """The entries without those whose text has come before: equal passages cannot have opposite labels."""
    seen: set[int] = set()
    for entry in entries:
        found = text_hash(entry.passage.text)
        if found not in seen:
            seen.add(found)
            yield entry


def _cut(entries: Iterable[_Entry], most: int) -> Iterator[list[_Entry]]:
    """The entries in lists of at most so many; a single one that is left over is dropped."""
    part: list[_Entry] = []
    for entry in entries:
        part.append(entry)
        if len(part) == most:
            yield part
            part = []
    if len(part) >= _FEWEST_PASSAGES:
        yield part
