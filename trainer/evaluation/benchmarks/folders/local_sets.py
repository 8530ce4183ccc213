"""Local folders of the kind ``candidate_sets``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.folders.layout import BenchmarkFolder
from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import (
    EvaluationQuery,
    EvaluationSet,
    EvaluationView,
)


def local_candidate_sets(folder: Path, read: BenchmarkFolder) -> CandidateSets:
    """Take the sets out of a folder.

    :raises InputError: if a view has no relevant document or several, or all views of a set have the same.
    """
    sets, queries = [], {}
    for query_id, views in read.views.items():
        one = EvaluationSet(query_id, query_id, read.text(query_id), read.subset(query_id))
        for name, view in views.items():
            labels = read.qrels[name].get(query_id, {})
            wanted = [docid for docid, label in labels.items() if label > 0]
            if len(wanted) != 1:
                raise InputError(
                    f"{folder / 'qrels' / name}.tsv: query {query_id!r} has {len(wanted)} relevant "
                    "documents; a view of a candidate set needs one"
                )
            one.add(
                EvaluationView(
                    view.instruction,
                    wanted[0],
                    view.lever,
                    view.style,
                    view.query,
                    rejects=tuple(docid for docid, label in labels.items() if label <= 0),
                    kind=view.kind,
                )
            )
        if len(set(one.positives)) < 2:
            raise InputError(
                f"{folder}: all views of query {query_id!r} have the same relevant document; a set needs two"
            )
        # What another view wants is ruled out, as are the documents that this one labels 0.
        one.views[:] = [_rule_out_others(view, one.positives) for view in one.views]
        answers = dict.fromkeys(one.positives)
        others = {docid: None for docid in read.candidates.get(query_id, ()) if docid not in answers}
        # Where every view words the query itself, there is no bare query to search for.
        text = "" if all(view.query for view in one.views) else one.query
        queries[query_id] = EvaluationQuery(text, one.source, answers, others)
        sets.append(one)
    return CandidateSets(sets, queries, read.documents, name=read.name, split=read.split, notes=read.notes)


def _rule_out_others(view: EvaluationView, positives: Iterable[str]) -> EvaluationView:
    others = (docid for docid in positives if docid != view.positive)
    return replace(view, rejects=tuple(dict.fromkeys((*view.rejects, *others))))
