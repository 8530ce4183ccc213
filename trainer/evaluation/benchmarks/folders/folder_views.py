"""Views and candidate lists of a benchmark's folder."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.text_files import read_objects
from dualview.trainer.evaluation.benchmarks.folders.folder_files import text_field


@dataclass(frozen=True)
class View:
    """A query with an instruction; ``query`` is the view's own wording, where it has one."""

    instruction: str
    query: str = ""
    lever: str = ""
    style: str = ""
    kind: str = ""


def read_views(path: Path | None, queries: Collection[str]) -> dict[str, dict[str, View]]:
    """Read ``views.jsonl``.

    :return: query id -> view name -> view, in the order of the file; empty without a file.
    :raises InputError: for a bad line, an unknown query, or a view that comes twice.
    """
    views: dict[str, dict[str, View]] = {}
    if path is None:
        return views
    for line, record in read_objects(path):
        query_id = text_field(path, line, record, "query_id")
        name = text_field(path, line, record, "view")
        if query_id not in queries:
            raise InputError(f"{path}, line {line}: unknown query {query_id!r}; add it to the queries")
        if name in views.setdefault(query_id, {}):
            raise InputError(f"{path}, line {line}: view {name!r} of {query_id!r} is there twice; keep one")
        if not name or "/" in name or name.startswith("."):
            raise InputError(f"{path}, line {line}: view {name!r} cannot name a file in qrels/; rename it")
        optional = {
            key: text_field(path, line, record, key, default="")
            for key in ("query", "lever", "style", "kind")
        }
        views[query_id][name] = View(text_field(path, line, record, "instruction", default=""), **optional)
    return views


def read_candidates(
    path: Path | None, queries: Collection[str], documents: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Read ``candidates.jsonl``.

    :return: query id -> documents to rank; empty without a file.
    :raises InputError: for a bad line, unknown or repeated ids, or if a query has no line.
    """
    candidates: dict[str, tuple[str, ...]] = {}
    if path is None:
        return candidates
    for line, record in read_objects(path):
        query_id, docids = text_field(path, line, record, "query_id"), record.get("docids")
        if query_id not in queries:
            raise InputError(f"{path}, line {line}: unknown query {query_id!r}; add it to the queries")
        if query_id in candidates:
            raise InputError(f"{path}, line {line}: query {query_id!r} is there twice; keep one line")
        if not isinstance(docids, list) or not docids or not all(isinstance(d, str) for d in docids):
            raise InputError(f"{path}, line {line}: docids must be a list of document ids")
        if len(set(docids)) < len(docids):
            raise InputError(f"{path}, line {line}: a document is there twice; keep one of them")
        if unknown := [docid for docid in docids if docid not in documents]:
            raise InputError(f"{path}, line {line}: unknown document {unknown[0]!r}; add it to the corpus")
        candidates[query_id] = tuple(docids)
    if candidates and (lacking := [query_id for query_id in queries if query_id not in candidates]):
        raise InputError(f"{path}: lacks candidates of query {lacking[0]!r}; add a line for it")
    return candidates
