"""Corpus and queries of a benchmark's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.cards.text_files import read_objects
from dualview.trainer.data.candidate_rows import passage_text


def text_field(path: Path, line: int, record: dict[str, Any], key: str, default: str | None = None) -> str:
    """Take a string out of a record.

    :param default: the value of an absent or null field; None if it must be there.
    :raises InputError: if it is missing, no string, or holds what no text file can hold.
    """
    value = record.get(key, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise InputError(f"{path}, line {line}: the field {key!r} is missing or no string; add it")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise InputError(
            f"{path}, line {line}: the field {key!r} holds a NUL or half of a surrogate pair; remove it"
        )
    return value


def read_documents(path: Path) -> dict[str, str]:
    """Read a corpus: ``_id``, ``title`` (optional) and ``text``; the encoder sees title, newline, text.

    Some published corpora hold documents without text, with ``null`` in its place: they stay, as empty texts.

    :raises InputError: for a bad line, an id that comes twice, or a corpus without any text.
    """
    documents: dict[str, str] = {}
    for line, record in read_objects(path):
        docid = text_field(path, line, record, "_id")
        if docid in documents:
            raise InputError(f"{path}, line {line}: document {docid!r} is there twice; keep one of them")
        title, text = (text_field(path, line, record, key, default="") for key in ("title", "text"))
        documents[docid] = passage_text({"title": title, "text": text})
    if not documents:
        raise InputError(f"{path}: holds no document; put one JSON object on each line")
    if not any(documents.values()):
        raise InputError(f"{path}: no document has a text; each line needs the field 'text'")
    return documents


def read_queries(path: Path) -> dict[str, dict[str, Any]]:
    """Read queries, ``_id`` and ``text``, each with whatever other fields it has.

    :raises InputError: for a bad line, or an id that comes twice.
    """
    queries: dict[str, dict[str, Any]] = {}
    for line, record in read_objects(path):
        query_id = text_field(path, line, record, "_id")
        if query_id in queries:
            raise InputError(f"{path}, line {line}: query {query_id!r} is there twice; keep one of them")
        queries[query_id] = {**record, "text": text_field(path, line, record, "text", default="")}
    if not queries:
        raise InputError(f"{path}: holds no query; put one JSON object on each line")
    return queries
