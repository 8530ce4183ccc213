"""Reading the files of a benchmark; whatever is wrong is named by file, row and remedy."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, TextIO

from dualview.cards.errors import InputError
from dualview.trainer.data.candidate_rows import passage_text


def find_file(folder: Path, *names: str) -> Path | None:
    """Return the first of some files that is there, as it is named or gzipped."""
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    return None


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read a file of one JSON object a line; give each with its row.

    :raises InputError: if the file is unreadable, or a line is no object.
    """
    row = 0
    try:
        with _open(path) as file:
            for row, line in enumerate(file, start=1):
                if line.strip():
                    record = json.loads(line)
                    if not isinstance(record, dict):
                        raise InputError(f"{path}, line {row}: is no JSON object; one a line is needed")
                    yield row, record
    except UnicodeDecodeError as error:
        raise InputError(f"{path}, line {row + 1}: is not UTF-8; save the file as UTF-8") from error
    except ValueError as error:
        raise InputError(f"{path}, line {row}: is not JSON ({error}); mend or remove the line") from error
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error


def text_field(path: Path, row: int, record: dict[str, Any], key: str, default: str | None = None) -> str:
    """Take a string out of a record.

    :param default: what an absent field stands for; None if it must be there.
    :raises InputError: if it is missing or no string.
    """
    value = record.get(key, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise InputError(f"{path}, line {row}: the field {key!r} is missing or no string; add it")
    return value


def read_documents(path: Path) -> dict[str, str]:
    """Read a corpus: ``_id``, ``title`` (optional) and ``text``; the encoder sees title, newline, text.

    :raises InputError: for a bad line, or an id that comes twice.
    """
    documents: dict[str, str] = {}
    for row, record in read_objects(path):
        docid = text_field(path, row, record, "_id")
        if docid in documents:
            raise InputError(f"{path}, line {row}: document {docid!r} is there twice; keep one of them")
        title = text_field(path, row, record, "title", default="")
        documents[docid] = passage_text({"title": title, "text": text_field(path, row, record, "text")})
    if not documents:
        raise InputError(f"{path}: holds no document")
    return documents


def read_queries(path: Path) -> dict[str, dict[str, Any]]:
    """Read queries, ``_id`` and ``text``, each with whatever other fields it has.

    :raises InputError: for a bad line, or an id that comes twice.
    """
    queries: dict[str, dict[str, Any]] = {}
    for row, record in read_objects(path):
        query_id = text_field(path, row, record, "_id")
        if query_id in queries:
            raise InputError(f"{path}, line {row}: query {query_id!r} is there twice; keep one of them")
        text_field(path, row, record, "text")
        queries[query_id] = record
    if not queries:
        raise InputError(f"{path}: holds no query")
    return queries


def read_qrels(path: Path, queries: Collection[str], documents: Collection[str]) -> dict[str, dict[str, int]]:
    """Read judgements: query id, document id and a whole number, between tabs, after a line of names or none.

    :raises InputError: for a bad line, an unknown query or document, or a pair that comes twice.
    """
    qrels: dict[str, dict[str, int]] = {}
    try:
        with _open(path) as file:
            for row, cells in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
                if cells and not (row == 1 and cells[-1] == "score"):
                    _add_judgement(path, row, cells, qrels, queries, documents)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8; save the file as UTF-8") from error
    except (OSError, EOFError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    return qrels


def _add_judgement(
    path: Path,
    row: int,
    cells: list[str],
    qrels: dict[str, dict[str, int]],
    queries: Collection[str],
    documents: Collection[str],
) -> None:
    where = f"{path}, line {row}"
    try:
        query_id, docid, label = cells
        value = int(label)
    except ValueError:
        raise InputError(f"{where}: needs query id, document id and a whole number, between tabs") from None
    if query_id not in queries:
        raise InputError(f"{where}: unknown query {query_id!r}; add it to the queries or remove the line")
    if docid not in documents:
        raise InputError(f"{where}: unknown document {docid!r}; add it to the corpus or remove the line")
    if docid in qrels.setdefault(query_id, {}):
        raise InputError(f"{where}: {query_id!r} and {docid!r} are judged twice; keep one line")
    qrels[query_id][docid] = value


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")
