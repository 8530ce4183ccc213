"""Figures of a run on a local folder, by the kind of the benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dualview.trainer.evaluation.benchmarks.folders.layout import BenchmarkFolder
from dualview.trainer.evaluation.benchmarks.measures import (
    followir_figures,
    instructir_figures,
    retrieval_figures,
)
from dualview.trainer.evaluation.metrics import (
    Exclusion,
    Run,
    ThreeRuns,
    changed_documents,
    exclusion_by_query,
    infosearch_p_mrr_by_query,
    sicr_by_query,
    wise_by_query,
)
from dualview.trainer.evaluation.rankers.ranker import request_key


def local_figures(read: BenchmarkFolder, run: Run) -> dict[str, dict[str, float]]:
    """Compute the figures of a folder's kind.

    :return: figure -> query id -> value.
    :raises MissingQueryError: if the run lacks a ranking.
    """
    measure = {
        "retrieval": _retrieval,
        "exclusion": _exclusion,
        "followir": _followir,
        "instructir": _instructir,
        "infosearch": _infosearch,
    }[read.kind]
    return measure(read, run)


def answerable(read: BenchmarkFolder) -> dict[str, dict[str, int]]:
    """Return the judgements of queries with a relevant document and a text; BEIR skips the others too."""
    return {
        query_id: labels
        for query_id, labels in read.qrels[""].items()
        if read.text(query_id).strip() and any(label > 0 for label in labels.values())
    }


def exclusions(read: BenchmarkFolder) -> dict[str, Exclusion]:
    """Return the wanted and the excluded document of each query.

    :raises ValueError: if a query does not have one of each.
    """
    pairs = {}
    for query_id in read.queries:
        labels = read.qrels[""].get(query_id, {})
        wanted = [docid for docid, label in labels.items() if label > 0]
        excluded = [docid for docid, label in labels.items() if label <= 0]
        if len(wanted) != 1 or len(excluded) != 1:
            raise ValueError(
                f"query {query_id!r} needs one wanted document (label 1) and one excluded (label 0) in the "
                f"qrels; it has {len(wanted)} and {len(excluded)}"
            )
        pairs[query_id] = Exclusion(wanted[0], excluded[0])
    return pairs


def _run_of(run: Run, view: str, query_ids: Iterable[str]) -> dict[str, Mapping[str, float]]:
    """Take one view's rankings, by query id; what is missing stays missing."""
    keys = {query_id: request_key(query_id, view) for query_id in query_ids}
    return {query_id: run[key] for query_id, key in keys.items() if key in run}


def _retrieval(read: BenchmarkFolder, run: Run) -> dict[str, dict[str, float]]:
    judged = answerable(read)
    return retrieval_figures(_run_of(run, "", judged), judged)


def _exclusion(read: BenchmarkFolder, run: Run) -> dict[str, dict[str, float]]:
    pairs = exclusions(read)
    return exclusion_by_query(_run_of(run, "", pairs), pairs)


def _followir(read: BenchmarkFolder, run: Run) -> dict[str, dict[str, float]]:
    original, changed = (_run_of(run, view, read.queries) for view in ("original", "changed"))
    return followir_figures(original, changed, read.qrels["original"], read.qrels["changed"], read.measure)


def _instructir(read: BenchmarkFolder, run: Run) -> dict[str, dict[str, float]]:
    instances = {
        query_id: [request_key(query_id, view) for view in views] for query_id, views in read.views.items()
    }
    qrels = {
        request_key(query_id, view): read.qrels[view].get(query_id, {})
        for query_id, views in read.views.items()
        for view in views
    }
    return instructir_figures(run, qrels, instances)


def _infosearch(read: BenchmarkFolder, run: Run) -> dict[str, dict[str, float]]:
    runs = ThreeRuns(*(_run_of(run, view, read.queries) for view in ("original", "instructed", "reversed")))
    instructed = read.qrels["instructed"]
    positives, negatives = (
        {
            query_id: [d for d, label in instructed.get(query_id, {}).items() if (label > 0) == relevant]
            for query_id in read.queries
        }
        for relevant in (True, False)
    )
    if "original" in read.qrels:
        negatives, _ = changed_documents(read.qrels["original"], instructed)
    return {
        "infosearch_p_mrr": infosearch_p_mrr_by_query(runs.original, runs.instructed, negatives),
        "sicr": sicr_by_query(runs, positives),
        "wise": wise_by_query(runs, positives, negatives),
    }
