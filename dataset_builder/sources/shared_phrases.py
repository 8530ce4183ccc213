"""Groups passages that came without queries: those that are about the same phrase answer a query about it.

Design:

- Each passage brings the phrases that it is about; SQLite, in a temporary file where it needs one, brings the
  passages of a phrase together, so that memory grows by one byte a passage.
- A passage is in one group at most: else the groups of a corpus would hang together, and all of it would
  have to go into one split. The phrases that tell the most get their passages first.
- Groups with many passages are cut, in the order of the corpus.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from dualview.dataset_builder.phrases.candidates import YEAR
from dualview.dataset_builder.phrases.choosing import choose_phrases
from dualview.dataset_builder.phrases.corpus import lexicon_of
from dualview.dataset_builder.phrases.frequencies import Frequencies
from dualview.dataset_builder.phrases.reading import read_passage
from dualview.dataset_builder.schema import AnswerSet, Passage
from dualview.dataset_builder.text_keys import exact_hash, passage_hash
from dualview.dataset_builder.writers.contrasts.wording_table import fill, load_wordings
from dualview.dataset_builder.writers.facets.draws import Draw

_PHRASES = 12
_MOST_PASSAGES = 6
_FEWEST_PASSAGES = 2
# Passages that share a phrase with more than these have little in common.
_MOST_SHARING = 60
_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE passages (place INTEGER PRIMARY KEY, content INTEGER UNIQUE, body TEXT);
CREATE TABLE phrases (phrase INTEGER, weight REAL, place INTEGER, text TEXT);
CREATE TABLE groups (place INTEGER PRIMARY KEY, name TEXT, query TEXT, places TEXT);
"""
_SHARED = """
SELECT phrase, min(text) FROM phrases GROUP BY phrase
HAVING count(*) BETWEEN ? AND ? ORDER BY avg(weight) DESC, phrase
"""


class SharedPhrases:
    """Answer sets of passages that share a phrase which each of them is about.

    :param read: gives the passages; it is called once.
    :param source: name of the source; ``license`` of its passages, ``language`` of its texts.
    """

    def __init__(
        self, read: Callable[[], Iterable[Passage]], source: str, license: str, language: str
    ) -> None:
        self._read = read
        self._source = source
        self._license = license
        self._language = language

    def __iter__(self) -> Iterator[AnswerSet]:
        """The groups, those of the phrases that tell the most first, without passages that share none."""
        for name, query, places in self._store.execute(
            "SELECT name, query, places FROM groups ORDER BY place"
        ):
            bodies = (self._body(place) for place in json.loads(places))
            yield AnswerSet(
                set_id=name,
                query_id=name,
                query=query,
                answers=tuple(Passage(*json.loads(body)) for body in bodies),
                source=self._source,
                license=self._license,
            )

    @cached_property
    def _store(self) -> sqlite3.Connection:
        """Passages and groups, in a temporary file that ends with the object."""
        store = sqlite3.connect("")
        store.executescript(_TABLES)
        taken = bytearray(self._fill(store))
        store.execute("CREATE INDEX by_phrase ON phrases (phrase)")
        wordings = load_wordings(self._language).queries
        for phrase, text in store.execute(_SHARED, (_FEWEST_PASSAGES, _MOST_SHARING)):
            rows = store.execute("SELECT place FROM phrases WHERE phrase = ? ORDER BY place", (phrase,))
            places = [place for (place,) in rows if not taken[place]]
            for number, group in enumerate(_cut(places)):
                for place in group:
                    taken[place] = 1
                query = fill(Draw(self._source, str(phrase), str(number)).pick(wordings), t=text)
                name = f"{self._source}:{phrase & (2**64 - 1):016x}:{number}"
                store.execute(
                    "INSERT INTO groups (name, query, places) VALUES (?, ?, ?)",
                    (name, query, json.dumps(group)),
                )
        return store

    def _fill(self, store: sqlite3.Connection) -> int:
        """Put passages and their phrases into tables; returns the number of passages, equal ones once."""
        frequencies, lexicon = Frequencies(), lexicon_of(self._language)
        passages = 0
        for passage in self._read():
            body = json.dumps([passage.docid, passage.title, passage.text], ensure_ascii=False)
            row = (passages, passage_hash(passage), body)
            if store.execute("INSERT OR IGNORE INTO passages VALUES (?, ?, ?)", row).rowcount:
                passages += 1
                frequencies.add(read_passage(passage, lexicon))
        for place, body in store.execute("SELECT place, body FROM passages ORDER BY place"):
            read = read_passage(Passage(*json.loads(body)), lexicon)
            store.executemany(
                "INSERT INTO phrases VALUES (?, ?, ?, ?)",
                (
                    (exact_hash(" ".join(one.phrase.stems)), one.weight, place, one.phrase.text)
                    for one in choose_phrases(read, frequencies, _PHRASES)
                    if one.about and one.phrase.kind != YEAR
                ),
            )
        return passages

    def _body(self, place: int) -> str:
        body: str = self._store.execute("SELECT body FROM passages WHERE place = ?", (place,)).fetchone()[0]
        return body


def _cut(places: list[int]) -> Iterator[list[int]]:
    """Lists of at most so many places; a single one that is left over is dropped."""
    for start in range(0, len(places), _MOST_PASSAGES):
        group = places[start : start + _MOST_PASSAGES]
        if len(group) >= _FEWEST_PASSAGES:
            yield group
