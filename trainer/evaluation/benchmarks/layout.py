"""The one layout of local benchmarks: a folder that says in ``benchmark.json`` of which kind it is.

====================  ================================================================================
file                  content (each may be gzipped, with ``.gz`` after its name)
====================  ================================================================================
``benchmark.json``    ``{"kind": …}``; optional ``name``, ``split``, and for ``followir`` ``measure``
``corpus.jsonl``      ``_id``, ``text``, optional ``title``
``queries.jsonl``     ``_id``, ``text``; optional ``source``, the part of the benchmark it belongs to
``views.jsonl``       ``query_id``, ``view`` (a name), ``instruction``; optional ``query``, the view's own
                      wording, and ``lever``, ``style``
``qrels/VIEW.tsv``    judgements under that view: query id, document id, label, between tabs
``qrels.tsv``         judgements of the queries themselves (``qrels/test.tsv`` is read too)
``candidates.jsonl``  ``query_id``, ``docids``: what is ranked for a query; without it the whole corpus
====================  ================================================================================

======================  ==========================  =====================================================
kind                    views of each query         figures
======================  ==========================  =====================================================
``retrieval``           none, or one (which then    nDCG@10; with the extra ``eval`` also MAP@1000,
                        instructs every query)      Recall@100 and MRR@10
``candidate_sets``      two or more, each with      flip accuracy, single views, p-MRR and its mirror, margin,
                        one relevant document       nDCG@10 of the bare queries
``followir``            original, changed           p-MRR and its mirror; ``measure`` (for Score) of the
                                                    original view
``instructir``          one or more                 nDCG@10 of all views, Robustness@10
``infosearch``          instructed, reversed        InfoSearch's p-MRR, SICR, WISE
                        (optional: original)
``exclusion``           none; ``qrels.tsv`` labels  R@1, MRR@10, their differences, right rank
                        the wanted document 1, the
                        excluded one 0
======================  ==========================  =====================================================

A folder in BEIR's layout, which has no ``benchmark.json``, is of the kind ``retrieval``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.folder_files import (
    find_file,
    read_documents,
    read_objects,
    read_qrels,
    read_queries,
    text_field,
)

#: Views that each query of a kind must have; the rest is checked by the kind itself.
REQUIRED_VIEWS: dict[str, tuple[str, ...]] = {
    "retrieval": (),
    "candidate_sets": (),
    "followir": ("original", "changed"),
    "instructir": (),
    "infosearch": ("instructed", "reversed"),
    "exclusion": (),
}
_JUDGED_PLAINLY = {"retrieval", "exclusion"}
_SETTINGS = {"kind": str, "name": str, "split": str, "measure": str}


@dataclass(frozen=True)
class View:
    """A query with an instruction; ``query`` is the view's own wording, where it has one."""

    instruction: str
    query: str = ""
    lever: str = ""
    style: str = ""


@dataclass(frozen=True)
class BenchmarkFolder:
    """What a folder holds.

    :param views: query id -> view name -> view, in the order of the file.
    :param qrels: view name -> query id -> document id -> label; the queries' own under an empty name.
    :param candidates: query id -> documents to rank; empty if the whole corpus is.
    """

    kind: str
    name: str
    split: str
    documents: dict[str, str]
    queries: dict[str, dict[str, Any]]
    views: dict[str, dict[str, View]] = field(default_factory=dict)
    qrels: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    candidates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    measure: str = "map_at_1000"

    def text(self, query_id: str) -> str:
        """The query's text."""
        return str(self.queries[query_id]["text"])

    def subset(self, query_id: str) -> str:
        """The part of the benchmark that the query belongs to, or an empty string."""
        return str(self.queries[query_id].get("source") or "")


def read_folder(folder: Path) -> BenchmarkFolder:
    """Read and check a folder.

    :raises InputError: naming file, row and remedy.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give a benchmark's folder")
    settings = _settings(folder)
    kind = settings.get("kind", "retrieval")
    documents = read_documents(_needed(folder, "corpus.jsonl"))
    queries = read_queries(_needed(folder, "queries.jsonl"))
    views = _read_views(folder, queries)
    names = list(dict.fromkeys(name for of_query in views.values() for name in of_query))
    qrels = {}
    if kind in _JUDGED_PLAINLY:
        qrels[""] = read_qrels(_needed(folder, "qrels.tsv", "qrels/test.tsv"), queries, documents)
    else:
        for name in names:
            # InfoSearch judges the original view and the instructed one; the reversed one is for moving only.
            path = find_file(folder, f"qrels/{name}.tsv")
            if path or name != "reversed":
                path = path or _needed(folder, f"qrels/{name}.tsv")
                qrels[name] = read_qrels(path, queries, documents)
    read = BenchmarkFolder(
        kind=kind,
        name=settings.get("name", folder.resolve().name),
        split=settings.get("split", ""),
        documents=documents,
        queries=queries,
        views=views,
        qrels=qrels,
        candidates=_read_candidates(folder, queries, documents),
        measure=settings.get("measure", "map_at_1000"),
    )
    _check_views(folder, read)
    return read


def _settings(folder: Path) -> dict[str, str]:
    path = folder / "benchmark.json"
    if not path.is_file():
        return {}
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: is no readable JSON ({error})") from error
    if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):
        raise InputError(f"{path}: must be an object of strings")
    if unknown := sorted(set(settings) - set(_SETTINGS)):
        raise InputError(f"{path}: unknown key {unknown[0]!r}; it may hold {', '.join(_SETTINGS)}")
    if settings.get("kind") not in REQUIRED_VIEWS:
        raise InputError(f"{path}: kind {settings.get('kind')!r} is none of {', '.join(REQUIRED_VIEWS)}")
    if settings.get("measure", "map_at_1000") not in ("map_at_1000", "ndcg_at_5"):
        raise InputError(f"{path}: measure {settings['measure']!r} is none of map_at_1000, ndcg_at_5")
    return settings


def _needed(folder: Path, *names: str) -> Path:
    path = find_file(folder, *names)
    if path is None:
        raise InputError(f"{folder}: lacks {names[0]}; see python -m pydoc {__name__}")
    return path


def _read_views(folder: Path, queries: dict[str, dict[str, Any]]) -> dict[str, dict[str, View]]:
    path = find_file(folder, "views.jsonl")
    views: dict[str, dict[str, View]] = {}
    if path is None:
        return views
    for row, record in read_objects(path):
        query_id = text_field(path, row, record, "query_id")
        name = text_field(path, row, record, "view")
        if query_id not in queries:
            raise InputError(f"{path}, line {row}: unknown query {query_id!r}; add it to the queries")
        if name in views.setdefault(query_id, {}):
            raise InputError(f"{path}, line {row}: view {name!r} of {query_id!r} is there twice; keep one")
        if not name or "/" in name or name.startswith("."):
            raise InputError(f"{path}, line {row}: view {name!r} cannot name a file in qrels/; rename it")
        optional = {
            key: text_field(path, row, record, key, default="") for key in ("query", "lever", "style")
        }
        views[query_id][name] = View(text_field(path, row, record, "instruction", default=""), **optional)
    return views


def _read_candidates(
    folder: Path, queries: dict[str, dict[str, Any]], documents: dict[str, str]
) -> dict[str, tuple[str, ...]]:
    path = find_file(folder, "candidates.jsonl")
    candidates: dict[str, tuple[str, ...]] = {}
    if path is None:
        return candidates
    for row, record in read_objects(path):
        query_id, docids = text_field(path, row, record, "query_id"), record.get("docids")
        if query_id not in queries:
            raise InputError(f"{path}, line {row}: unknown query {query_id!r}; add it to the queries")
        if query_id in candidates:
            raise InputError(f"{path}, line {row}: query {query_id!r} is there twice; keep one line")
        if not isinstance(docids, list) or not docids or not all(isinstance(d, str) for d in docids):
            raise InputError(f"{path}, line {row}: docids must be a list of document ids")
        if len(set(docids)) < len(docids):
            raise InputError(f"{path}, line {row}: a document is there twice; keep one of them")
        if unknown := [docid for docid in docids if docid not in documents]:
            raise InputError(f"{path}, line {row}: unknown document {unknown[0]!r}; add it to the corpus")
        candidates[query_id] = tuple(docids)
    if candidates and (lacking := [query_id for query_id in queries if query_id not in candidates]):
        raise InputError(f"{path}: lacks candidates of query {lacking[0]!r}; add a line for it")
    return candidates


def _check_views(folder: Path, read: BenchmarkFolder) -> None:
    """Check that no instruction lacks its partner."""
    needed = REQUIRED_VIEWS[read.kind]
    if read.kind == "exclusion":
        return
    for query_id in read.queries:
        names = read.views.get(query_id, {})
        where = f"{folder / 'views.jsonl'}: query {query_id!r}"
        for name in needed:
            if name not in names:
                raise InputError(f"{where} has no view {name!r}; add the partner or remove the query")
        if read.kind == "candidate_sets" and len(names) < 2:
            raise InputError(f"{where} has {len(names)} views; add the partner or remove the query")
        if read.kind == "instructir" and not names:
            raise InputError(f"{where} has no view; add one or remove the query")
        if read.kind == "retrieval" and len(names) > 1:
            raise InputError(f"{where} has {len(names)} views; kind 'retrieval' takes one at most")
