"""Plain retrieval data in BEIR's layout: corpus.jsonl, queries.jsonl and qrels, gzipped or not."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from trainer.candidate_rows import passage_text
from trainer.errors import InputError


@dataclass(frozen=True)
class RetrievalData:
    """A corpus, the queries that have judgements, and the judgements (query id -> document id -> label)."""

    name: str
    documents: dict[str, str]
    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]


def read_retrieval_data(folder: Path, split: str = "test") -> RetrievalData:
    """Read a folder; queries without a relevant document are left out, as BEIR's evaluation does.

    :raises InputError: naming file, row and remedy: a missing file, a bad line, an id twice, a judgement of an
        unknown query or document.
    """
    corpus = _first_of(folder, "corpus.jsonl", "corpus.jsonl.gz")
    documents: dict[str, str] = {}
    for row, record in _records(corpus):
        docid, text = _text_of(corpus, row, record, "_id"), _text_of(corpus, row, record, "text")
        title = record.get("title") or ""
        if docid in documents:
            raise InputError(f"{corpus}, line {row}: document {docid!r} is there twice; keep one of them")
        documents[docid] = passage_text({"title": title, "text": text})
    queries_file = _first_of(folder, "queries.jsonl", "queries.jsonl.gz")
    queries: dict[str, str] = {}
    for row, record in _records(queries_file):
        query_id = _text_of(queries_file, row, record, "_id")
        if query_id in queries:
            raise InputError(
                f"{queries_file}, line {row}: query {query_id!r} is there twice; keep one of them"
            )
        queries[query_id] = _text_of(queries_file, row, record, "text")
    qrels = _read_qrels(_first_of(folder, f"qrels/{split}.tsv", "qrels.tsv"), queries, documents)
    judged = {query_id: labels for query_id, labels in qrels.items() if any(v > 0 for v in labels.values())}
    if not judged:
        raise InputError(f"{folder}: no query has a relevant document; check the qrels")
    return RetrievalData(folder.name, documents, {query_id: queries[query_id] for query_id in judged}, judged)


def _first_of(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"{folder}: lacks {names[0]}; give a folder in BEIR's layout")


def _open(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    row = 0
    try:
        with _open(path) as file:
            for row, line in enumerate(file, start=1):
                if line.strip():
                    record = json.loads(line)
                    if not isinstance(record, dict):
                        raise InputError(
                            f"{path}, line {row}: not a JSON object; one object a line is needed"
                        )
                    yield row, record
    except ValueError as error:
        raise InputError(
            f"{path}, line {row + 1}: not UTF-8 JSON ({error}); mend or remove the line"
        ) from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error})") from error


def _text_of(path: Path, row: int, record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise InputError(f"{path}, line {row}: the field {key!r} is missing or no string")
    return value


def _read_qrels(path: Path, queries: dict[str, str], documents: dict[str, str]) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row, cells in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
            if row == 1 and cells[-1:] == ["score"]:
                continue
            if len(cells) != 3 or not cells[2].lstrip("-").isdigit():
                raise InputError(
                    f"{path}, line {row}: needs query-id, corpus-id and a whole number, between tabs"
                )
            query_id, docid, label = cells
            if query_id not in queries:
                raise InputError(f"{path}, line {row}: unknown query {query_id!r}; add it or remove the line")
            if docid not in documents:
                raise InputError(f"{path}, line {row}: unknown document {docid!r}; add it or remove the line")
            if docid in qrels.setdefault(query_id, {}):
                raise InputError(
                    f"{path}, line {row}: {query_id!r} and {docid!r} are judged twice; keep one line"
                )
            qrels[query_id][docid] = int(label)
    return qrels
