"""Judgements that people bring: query id, document id and a label, between tabs, as in BEIR's ``qrels``."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.text_files import read_cells

# trec_eval reserves memory for every grade up to the highest.
_MAX_LABEL = 1000


@dataclass(frozen=True)
class Judgements:
    """Labels of documents.

    :param labels: query id -> document id -> label.
    :param notes: what was left out or found odd, a sentence each, with counts.
    """

    labels: dict[str, dict[str, int]]
    notes: tuple[str, ...] = ()


def read_qrels(
    path: Path,
    queries: Collection[str],
    documents: Collection[str],
    *,
    keep_absent: bool = False,
    strict: bool = False,
) -> Judgements:
    """Read judgements: query id, document id and a whole number, between tabs, below a heading or none.

    Several published collections judge documents that their corpus lacks, or queries that are not among their
    queries. Such lines are counted in the notes; the second kind, and without ``keep_absent`` the first, is
    left out.

    :param keep_absent: keep judgements of absent documents: they count in the ideal ranking, as they do in
        the published figures of BEIR and mteb.
    :param strict: refuse such lines, and pairs that are judged twice alike.
    :raises InputError: for a bad line, or a pair that has two labels.
    """
    read = _Reading(path, queries, documents, keep_absent, strict)
    for number, (line, cells) in enumerate(read_cells(path)):
        if number or not _is_heading(cells, queries):
            read.add(line, cells)
    return Judgements(read.labels, read.notes())


@dataclass
class _Reading:
    """Judgements while they are read, and what is odd about them."""

    path: Path
    queries: Collection[str]
    documents: Collection[str]
    keep_absent: bool
    strict: bool
    labels: dict[str, dict[str, int]] = field(default_factory=dict)
    unknown_queries: list[str] = field(default_factory=list)
    unknown_documents: list[str] = field(default_factory=list)
    repeated: int = 0

    def add(self, line: int, cells: list[str]) -> None:
        """Add a line.

        :raises InputError: if it is bad, or odd and ``strict`` is set.
        """
        where = f"{self.path}, line {line}"
        if len(cells) != 3 or (label := _label(cells[2])) is None:
            raise InputError(
                f"{where}: needs query id, document id and a whole number of at most {_MAX_LABEL:,}, "
                "between tabs"
            )
        query_id, docid, _ = cells
        if query_id not in self.queries:
            self._refuse_if_strict(f"{where}: unknown query {query_id!r}; add it to the queries")
            self.unknown_queries.append(query_id)
            return
        if docid not in self.documents:
            self._refuse_if_strict(f"{where}: unknown document {docid!r}; add it to the corpus")
            self.unknown_documents.append(docid)
            if not self.keep_absent:
                return
        known = self.labels.setdefault(query_id, {})
        if docid in known:
            twice = f"{where}: {query_id!r} and {docid!r} are judged twice"
            if known[docid] != label:
                raise InputError(f"{twice}, {known[docid]} and {label}; keep one line")
            self._refuse_if_strict(f"{twice}; keep one line")
            self.repeated += 1
        known[docid] = label

    def notes(self) -> tuple[str, ...]:
        """Say what was odd, with counts."""
        notes = []
        if self.unknown_queries:
            notes.append(
                f"{self.path}: {_count(self.unknown_queries)} of queries that the folder lacks, such as "
                f"{self.unknown_queries[0]!r}; left out"
            )
        if self.unknown_documents:
            kept = "they count as documents that are never found, as in BEIR and mteb"
            notes.append(
                f"{self.path}: {_count(self.unknown_documents)} of documents that the corpus lacks, such as "
                f"{self.unknown_documents[0]!r}; {kept if self.keep_absent else 'left out'}"
            )
        if self.repeated:
            notes.append(f"{self.path}: {self.repeated:,} repeated lines; each counts once")
        return tuple(notes)

    def _refuse_if_strict(self, message: str) -> None:
        if self.strict:
            raise InputError(f"{message} or remove the line" if "add it" in message else message)


def _is_heading(cells: list[str], queries: Collection[str]) -> bool:
    """Tell a line of column names, whatever they are, from a judgement with a bad label."""
    return len(cells) == 3 and _number(cells[2]) is None and cells[0] not in queries


def _label(cell: str) -> int | None:
    value = _number(cell)
    if value is None or not value.is_integer() or abs(value) > _MAX_LABEL:
        return None
    return int(value)


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _count(lines: list[str]) -> str:
    return f"{len(lines):,} {'judgement' if len(lines) == 1 else 'judgements'}"
