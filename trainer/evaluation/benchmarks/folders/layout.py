"""Layout of local benchmarks: a folder that names its kind in ``benchmark.json``.

====================  ================================================================================
file                  content (UTF-8 or UTF-16; each may be gzipped, with ``.gz`` after its name)
====================  ================================================================================
``benchmark.json``    ``{"kind": …}``; optional ``name``, ``split``, and for ``followir`` ``measure``
``corpus.jsonl``      ``_id``, ``text``, optional ``title``
``queries.jsonl``     ``_id``, ``text``; optional ``source``, the part of the benchmark it belongs to
``views.jsonl``       ``query_id``, ``view`` (a name), ``instruction``; optional ``query``, the view's own
                      wording, and ``lever``, ``style``, ``kind`` (``exclusion``, ``inclusion``, ``both``
                      or ``other``)
``qrels/VIEW.tsv``    judgements under that view: query id, document id, label, between tabs
``qrels.tsv``         judgements of the queries themselves (``qrels/test.tsv`` is read too)
``candidates.jsonl``  ``query_id``, ``docids``: what is ranked for a query; without it the whole corpus
====================  ================================================================================

======================  ==========================  =====================================================
kind                    views of each query         figures
======================  ==========================  =====================================================
``retrieval``           none, or one (which then    nDCG@10; with the extra ``eval`` also MAP@1000,
                        instructs every query)      Recall@100 and MRR@10
``candidate_sets``      two or more, each with      right within the set, p-MRR and its mirror, margin,
                        one relevant document       nDCG@10, right first, violating first and MRR over the
                                                    corpus; label 0: ruled out by the view's instruction
``followir``            original, changed           p-MRR and its mirror; ``measure`` (for Score) of the
                                                    original view
``instructir``          one or more                 nDCG@10 of all views, Robustness@10
``infosearch``          instructed, reversed        InfoSearch's p-MRR, SICR, WISE
                        (optional: original)
``exclusion``           none; ``qrels.tsv`` labels  R@1, MRR@10, their differences, right rank
                        the wanted document 1, the
                        excluded one 0
======================  ==========================  =====================================================

A folder in BEIR's layout, which has no ``benchmark.json``, is of the kind ``retrieval``. Judgements of
queries and documents that a folder lacks are counted, and refused with ``--strict``; see
:func:`~dualview.cards.judgements.read_qrels`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.cards.judgements import Judgements, read_qrels
from dualview.cards.text_files import find_file, read_json
from dualview.trainer.evaluation.benchmarks.folders.folder_files import (
    read_documents,
    read_queries,
)
from dualview.trainer.evaluation.benchmarks.folders.folder_views import View, read_candidates, read_views

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
class BenchmarkFolder:
    """Content of a benchmark's folder.

    :param views: query id -> view name -> view, in the order of the file.
    :param qrels: view name -> query id -> document id -> label; the queries' own under an empty name.
    :param candidates: query id -> documents to rank; empty if the whole corpus is.
    :param notes: what was left out or found odd, a sentence each, with counts.
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
    notes: tuple[str, ...] = ()

    def text(self, query_id: str) -> str:
        """Return a query's text."""
        return str(self.queries[query_id]["text"])

    def subset(self, query_id: str) -> str:
        """Name the part of the benchmark that a query belongs to; empty without parts."""
        return str(self.queries[query_id].get("source") or "")


def read_folder(folder: Path, *, strict: bool = False) -> BenchmarkFolder:
    """Read and check a folder.

    :param strict: refuse judgements of queries and documents that the folder lacks; otherwise they are
        counted in the notes.
    :raises InputError: naming file, line and remedy.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give a benchmark's folder")
    settings = _settings(folder)
    kind = settings.get("kind", "retrieval")
    documents = read_documents(_needed(folder, "corpus.jsonl"))
    queries = read_queries(_needed(folder, "queries.jsonl"))
    views = read_views(find_file(folder, "views.jsonl"), queries)
    qrels = {
        view: read_qrels(path, queries, documents, keep_absent=kind == "retrieval", strict=strict)
        for view, path in _qrels_files(folder, kind, views)
    }
    read = BenchmarkFolder(
        kind=kind,
        name=settings.get("name", folder.resolve().name),
        split=settings.get("split", ""),
        documents=documents,
        queries=queries,
        views=views,
        qrels={view: judgements.labels for view, judgements in qrels.items()},
        candidates=read_candidates(find_file(folder, "candidates.jsonl"), queries, documents),
        measure=settings.get("measure", "map_at_1000"),
        notes=_notes(folder, qrels),
    )
    _check_views(folder, read)
    return read


def _qrels_files(folder: Path, kind: str, views: dict[str, dict[str, View]]) -> list[tuple[str, Path]]:
    """Find the judgements of each view; those of the queries themselves have an empty name."""
    if kind in _JUDGED_PLAINLY:
        return [("", _needed(folder, "qrels.tsv", "qrels/test.tsv"))]
    files = []
    for view in dict.fromkeys(name for of_query in views.values() for name in of_query):
        # InfoSearch judges the original view and the instructed one; in the reversed one ranks only move.
        path = find_file(folder, f"qrels/{view}.tsv")
        if path or view != "reversed":
            files.append((view, path or _needed(folder, f"qrels/{view}.tsv")))
    return files


def _notes(folder: Path, qrels: dict[str, Judgements]) -> tuple[str, ...]:
    """Collect the notes of all files, without the path of the folder."""
    notes = (note for judgements in qrels.values() for note in judgements.notes)
    return tuple(note.removeprefix(f"{folder}/") for note in notes)


def _settings(folder: Path) -> dict[str, str]:
    path = folder / "benchmark.json"
    if not path.is_file():
        return {}
    settings: Any = read_json(path)
    if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):
        raise InputError(f"{path}: must be a JSON object of strings")
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
