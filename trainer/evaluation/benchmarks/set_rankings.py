"""Rankings that candidate sets need: each view over its query's candidates and over the whole corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dualview.trainer.evaluation.benchmarks.evaluation_sets import EvaluationQuery, EvaluationSet
from dualview.trainer.evaluation.benchmarks.judged_rankings import JudgedRanking
from dualview.trainer.evaluation.rankers.ranker import Request, request_key

#: Cut of nDCG.
CUT = 10
_OF_SETS = ("flip_accuracy", "view_accuracy", "p_mrr", "p_mrr_gained", "margin")
_OF_CORPUS = ("instructed_ndcg_at_10",)
_OF_QUERY = ("bare_query_ndcg_at_10",)


def asked_rankings(
    sets: Iterable[EvaluationSet], queries: Mapping[str, EvaluationQuery]
) -> Iterator[tuple[Request, JudgedRanking]]:
    """List the rankings with their judgements.

    Each bare query ranks all documents, each view its query's candidates and all documents. Under an
    instruction, the set's other passages are judged not relevant. Passages of the query that are in none of
    the set's views have no judgement: an instruction that only excludes leaves several of them relevant.
    """
    for query_id, query in queries.items():
        if query.text:
            bare = Request(request_key(query_id), query.text)
            yield bare, _judged(bare, query_id, query.source, dict.fromkeys(query.answers, 1), _OF_QUERY)
    for one in sets:
        query = queries[one.query_id]
        unjudged = unjudged_documents(one, query)
        for key, view in zip(view_keys(one), one.views, strict=True):
            text = view.query or one.query
            labels = {docid: int(docid == view.positive) for docid in one.positives}
            listed = Request(key, text, view.instruction, query.candidates)
            yield listed, _judged(listed, one.query_id, one.source, labels, _OF_SETS)
            # As many more as may be left out of the ranking.
            depth = CUT + len(query.answers)
            whole = Request(corpus_key(key), text, view.instruction, depth=depth, optional=True)
            yield whole, _judged(whole, one.query_id, one.source, labels, _OF_CORPUS, unjudged)


def view_keys(one: EvaluationSet) -> list[str]:
    """Return the keys of a set's views in a run."""
    return [request_key(one.set_id, str(number)) for number in range(len(one.views))]


def corpus_key(key: str) -> str:
    """Return the key of a view's ranking of all documents."""
    return f"{key}/corpus"


def unjudged_documents(one: EvaluationSet, query: EvaluationQuery) -> tuple[str, ...]:
    """Return the query's documents that none of the set's views wants."""
    wanted = set(one.positives)
    return tuple(docid for docid in query.answers if docid not in wanted)


def _judged(
    request: Request,
    query_id: str,
    source: str,
    labels: dict[str, int],
    figures: tuple[str, ...],
    left_out: tuple[str, ...] = (),
) -> JudgedRanking:
    candidates = None if request.candidates is None else len(request.candidates)
    texts = request.query, request.instruction
    return JudgedRanking(request.key, query_id, *texts, source, candidates, labels, figures, left_out)
