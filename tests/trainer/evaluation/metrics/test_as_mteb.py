"""Our figures against mteb's own functions, on random runs with ties and missing documents."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from dualview.trainer.evaluation.metrics import (
    MissingQueryError,
    PairedSet,
    mean_over_queries,
    mrr_by_query,
    ndcg_by_query,
    p_mrr,
    paired_accuracy_by_set,
    robustness_by_query,
    trec_by_query,
)

pytrec_eval = pytest.importorskip("pytrec_eval")
mteb_metrics = pytest.importorskip("mteb._evaluators.retrieval_metrics")

RUNS = 500
DOCIDS = [f"d{number}" for number in range(30)]


def random_scores(source: random.Random, docids: list[str]) -> dict[str, float]:
    """Scores of few values, of some of the documents, in any order."""
    found = source.sample(docids, source.randint(1, len(docids)))
    return {docid: float(source.randint(0, 5)) for docid in found}


def random_labels(source: random.Random) -> dict[str, int]:
    labels = {docid: source.randint(0, 2) for docid in source.sample(DOCIDS, source.randint(1, 8))}
    labels[source.choice(DOCIDS)] = 1
    return labels


def cases() -> Iterator[random.Random]:
    for seed in range(RUNS):
        yield random.Random(seed)


def trec_scores(qrels: dict, run: dict) -> dict[str, dict[str, float]]:
    return pytrec_eval.RelevanceEvaluator(qrels, {"recall.1", "ndcg_cut.10"}).evaluate(run)


def test_p_mrr() -> None:
    for source in cases():
        queries = [f"q{number}" for number in range(source.randint(1, 3))]
        original = {query: random_scores(source, DOCIDS) for query in queries}
        changed = {query: random_scores(source, DOCIDS) for query in queries}
        docs = {query: source.sample(DOCIDS, source.randint(0, 4)) for query in queries}
        docs[queries[0]] = docs[queries[0]] or ["d1"]
        theirs = mteb_metrics.calculate_pmrr(
            {f"{query}-og": scores for query, scores in original.items()},
            {f"{query}-changed": scores for query, scores in changed.items()},
            docs,
        )
        assert p_mrr(original, changed, docs) == pytest.approx(theirs, abs=1e-9)


def test_paired_accuracy() -> None:
    for source in cases():
        run, qrels, sets = {}, {}, {}
        for number in range(source.randint(1, 6)):
            pair = [f"{number}a", f"{number}b"]
            keys = (f"{number}_q1", f"{number}_q2")
            for key, wanted in zip(keys, pair, strict=True):
                run[key] = {d: float(source.randint(0, 1)) for d in source.sample(pair, source.randint(1, 2))}
                qrels[key] = {wanted: 1}
            sets[str(number)] = PairedSet(keys, tuple(pair))
        theirs = mteb_metrics.paired_accuracy(qrels, run, trec_scores(qrels, run))
        assert mean_over_queries(paired_accuracy_by_set(run, sets)) == pytest.approx(theirs, abs=1e-9)


def test_robustness_and_ndcg() -> None:
    for source in cases():
        run, qrels, instances = {}, {}, {}
        for number in range(source.randint(1, 4)):
            keys = [f"{number}_{view}" for view in range(source.randint(1, 4))]
            instances[str(number)] = keys
            for key in keys:
                run[key], qrels[key] = random_scores(source, DOCIDS), random_labels(source)
        scores = trec_scores(qrels, run)
        ours = ndcg_by_query(run, qrels)
        assert ours == pytest.approx({key: scores[key]["ndcg_cut_10"] for key in qrels}, abs=1e-9)
        theirs = mteb_metrics.robustness_at_10(qrels, run, scores)
        assert mean_over_queries(robustness_by_query(ours, instances)) == pytest.approx(theirs, abs=1e-9)


def test_general_retrieval() -> None:
    for source in cases():
        queries = [f"q{number}" for number in range(source.randint(1, 4))]
        run = {query: random_scores(source, DOCIDS) for query in queries}
        qrels = {query: random_labels(source) for query in queries}
        theirs = mteb_metrics.mrr(qrels, run, [10])["MRR@10"]
        assert list(mrr_by_query(run, qrels).values()) == pytest.approx(theirs, abs=1e-9)
        ours = trec_by_query(run, qrels, ["ndcg_at_10", "recall_at_1"])
        scores = trec_scores(qrels, run)
        assert ours["recall_at_1"] == pytest.approx({q: scores[q]["recall_1"] for q in queries}, abs=1e-9)
        assert ours["ndcg_at_10"] == pytest.approx(ndcg_by_query(run, qrels), abs=1e-9)


def test_mteb_leaves_out_a_missing_query_and_we_do_not() -> None:
    original = {"q-og": {"a": 1.0, "b": 0.0}}
    changed = {"q-changed": {"a": 0.0, "b": 1.0}}
    assert mteb_metrics.calculate_pmrr(original, changed, {"q": ["a"], "r": ["a"]}) == 0.5
    with pytest.raises(MissingQueryError, match="'r' is missing from the original run"):
        p_mrr({"q": original["q-og"]}, {"q": changed["q-changed"]}, {"q": ["a"], "r": ["a"]})


def test_trec_eval_holds_scores_in_single_precision_and_ndcg_without_it_does_not() -> None:
    run, qrels = {"q": {"a": 0.5 + 1e-12, "b": 0.5}}, {"q": {"a": 1}}
    assert ndcg_by_query(run, qrels) == {"q": 1.0}
    # A tie to trec_eval, which goes to the higher document id.
    assert trec_by_query(run, qrels, ["ndcg_at_10"])["ndcg_at_10"]["q"] == pytest.approx(0.6309, abs=1e-4)
