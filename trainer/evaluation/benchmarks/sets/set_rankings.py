"""Rankings that candidate sets need: each view over its query's candidates and over the corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dualview.trainer.evaluation.benchmarks.judged_rankings import JudgedRanking
from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import (
    EvaluationQuery,
    EvaluationSet,
    EvaluationView,
)
from dualview.trainer.evaluation.benchmarks.sets.set_figures import first_figures
from dualview.trainer.evaluation.metrics import MRR_CUT
from dualview.trainer.evaluation.rankers.ranker import Request, request_key

#: Cut of nDCG.
CUT = 10
# Documents that a reranker reads to find the first of a source: more cost it hours.
_RERANKED = 20
_OF_SETS = ("view_accuracy", "flip_accuracy", "p_mrr", "p_mrr_gained", "margin")
_OF_CORPUS = ("instructed_ndcg_at_10",)
_OF_QUERY = ("bare_query_ndcg_at_10",)


def asked_rankings(
    sets: Iterable[EvaluationSet],
    queries: Mapping[str, EvaluationQuery],
    corpora: Mapping[str, tuple[str, ...]],
) -> Iterator[tuple[Request, JudgedRanking]]:
    """List the rankings with their judgements.

    Each bare query ranks all documents, each view its query's candidates, the documents of its source, and
    all documents. Under an instruction, the set's other passages are judged not relevant.

    :param corpora: the documents of each source; of one that is not named, all documents.
    """
    for query_id, query in queries.items():
        if query.text:
            bare = Request(request_key(query_id), query.text)
            yield bare, _judged(bare, query_id, query.source, dict.fromkeys(query.answers, 1), _OF_QUERY)
    for one in sets:
        query = queries[one.query_id]
        unnamed = unnamed_documents(one, query)
        for key, view in zip(view_keys(one), one.views, strict=True):
            text = view.query or one.query
            labels = {docid: int(docid == view.positive) for docid in one.positives}
            listed = Request(key, text, view.instruction, query.candidates)
            yield listed, _judged(listed, one.query_id, one.source, labels, _OF_SETS)
            unjudged = unjudged_documents(one, view, query)
            ruled_out = {docid: 0 for docid in view.rejects if docid not in labels}
            # As many more as may be left out of the ranking.
            of_source = Request(
                source_key(key),
                text,
                view.instruction,
                depth=MRR_CUT + len(unjudged),
                optional=True,
                corpus=corpora.get(one.source),
                reranked=_RERANKED + len(unjudged),
            )
            judged = {**labels, **ruled_out}
            figures = tuple(first_figures(view))
            yield of_source, _judged(of_source, one.query_id, one.source, judged, figures, unjudged)
            depth = CUT + len(query.answers)
            whole = Request(corpus_key(key), text, view.instruction, depth=depth, optional=True)
            yield whole, _judged(whole, one.query_id, one.source, labels, _OF_CORPUS, unnamed)


def view_keys(one: EvaluationSet) -> list[str]:
    """Return the keys of a set's views in a run."""
    return [request_key(one.set_id, str(number)) for number in range(len(one.views))]


def source_key(key: str) -> str:
    """Return the key of a view's ranking of the documents of its source."""
    return f"{key}/source"


def corpus_key(key: str) -> str:
    """Return the key of a view's ranking of all documents."""
    return f"{key}/corpus"


def unnamed_documents(one: EvaluationSet, query: EvaluationQuery) -> tuple[str, ...]:
    """Return the query's documents that none of the set's views wants."""
    wanted = set(one.positives)
    return tuple(docid for docid in query.answers if docid not in wanted)


def unjudged_documents(one: EvaluationSet, view: EvaluationView, query: EvaluationQuery) -> tuple[str, ...]:
    """Return the query's documents that no view of the set wants and the instruction does not rule out.

    An instruction that only excludes leaves several passages of a query relevant, and a set names one.
    """
    rejects = set(view.rejects)
    return tuple(docid for docid in unnamed_documents(one, query) if docid not in rejects)


def _judged(
    request: Request,
    query_id: str,
    source: str,
    labels: dict[str, int],
    figures: tuple[str, ...],
    left_out: tuple[str, ...] = (),
) -> JudgedRanking:
    ranked = request.candidates if request.candidates is not None else request.corpus
    candidates = None if ranked is None else len(ranked)
    texts = request.query, request.instruction
    return JudgedRanking(request.key, query_id, *texts, source, candidates, labels, figures, left_out)
