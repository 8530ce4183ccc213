"""Passages of a source in a temporary file, from which they come back by topic, so that memory stays flat."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from dualview.cards.errors import InputError
from dualview.dataset_builder.schema import Passage
from dualview.dataset_builder.sources.documents.tally import Tally
from dualview.dataset_builder.sources.passages.record import Record
from dualview.dataset_builder.text_keys import exact_hash, passage_hash

_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE passages (
    place INTEGER PRIMARY KEY, content INTEGER UNIQUE, docid INTEGER UNIQUE, topic INTEGER, body TEXT
);
CREATE TABLE in_topics (place INTEGER PRIMARY KEY);
"""


class PassageStore:
    """The records of one reading, equal texts once.

    :ivar passages: number of the different passages.
    """

    def __init__(self) -> None:
        self.passages = 0
        self._store = sqlite3.connect("")
        self._store.executescript(_TABLES)

    def fill(self, records: Iterable[Record], tally: Tally) -> Iterator[Record]:
        """Put records in, and pass on those whose text is new.

        :raises InputError: if two different passages have one id.
        """
        for record in records:
            docid = exact_hash(record.passage.docid)
            row = (
                self.passages,
                passage_hash(record.passage),
                docid,
                exact_hash(f"{record.document}\0{record.topic}") if record.topic else None,
                _dump(record),
            )
            added = self._store.execute("INSERT OR IGNORE INTO passages VALUES (?, ?, ?, ?, ?)", row)
            if added.rowcount:
                self.passages += 1
                yield record
            elif self._store.execute("SELECT 1 FROM passages WHERE content = ?", row[1:2]).fetchone():
                tally.leave_out("passages with the text of another one", record.where)
            else:
                raise InputError(
                    f"{record.where}: has the id '{record.passage.docid}' of another passage again; give "
                    "each its own, name another column by --id, or number the rows by --id ''"
                )

    def topics(self) -> Iterator[list[Record]]:
        """The passages of each topic with several, in the order of the source; topics in that of a hash."""
        found = self._store.execute(
            "SELECT topic, body FROM passages WHERE topic IS NOT NULL ORDER BY topic, place"
        )
        for _, rows in groupby(found, key=lambda row: row[0]):
            records = [_load(body) for _, body in rows]
            if len(records) > 1:
                yield records

    def take(self, passages: Iterable[Passage]) -> None:
        """Remember that passages are in an item already."""
        self._store.executemany(
            "INSERT OR IGNORE INTO in_topics SELECT place FROM passages WHERE docid = ?",
            [(exact_hash(passage.docid),) for passage in passages],
        )

    def rest(self) -> Iterator[Passage]:
        """The passages that :meth:`take` was not told of, in the order of the source."""
        for (body,) in self._store.execute(
            "SELECT body FROM passages WHERE place NOT IN (SELECT place FROM in_topics) ORDER BY place"
        ):
            yield _load(body).passage

    def first(self, most: int) -> list[Record]:
        """Some passages from the beginning of the source."""
        found = self._store.execute("SELECT body FROM passages ORDER BY place LIMIT ?", (most,))
        return [_load(body) for (body,) in found]

    def attributes(self, passage: Passage) -> Mapping[str, tuple[str, ...]]:
        """The attributes of a passage."""
        row = self._store.execute(
            "SELECT body FROM passages WHERE docid = ?", (exact_hash(passage.docid),)
        ).fetchone()
        return _load(row[0]).attributes


def _dump(record: Record) -> str:
    passage = record.passage
    body = (
        [record.where, passage.docid, passage.title, passage.text],
        [record.document, record.topic, record.heading],
        record.attributes,
    )
    return json.dumps(body, ensure_ascii=False)


def _load(body: str) -> Record:
    (where, *passage), (document, topic, heading), attributes = json.loads(body)
    values = {name: tuple(found) for name, found in attributes.items()}
    return Record(where, Passage(*passage), document, topic, heading, values)
