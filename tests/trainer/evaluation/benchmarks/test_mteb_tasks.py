"""mteb's tasks on tiny data of their own form: our figures, and mteb's of the same rankings."""

from __future__ import annotations

from typing import Any

import pytest
from datasets import Dataset
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.mteb.tasks import (
    MtebBenchmark,
    benchmarks_of_task,
    load_mteb_benchmarks,
)
from dualview.trainer.evaluation.measure_encoder import measure_encoder
from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
from dualview.trainer.evaluation.rankers.text_encoder import TextEncoder

mteb = pytest.importorskip("mteb")
TEXTS = {
    "bees": ("Honey", "Bees make honey."),
    "cats": ("Mice", "Cats hunt mice."),
    "rain": ("Rivers", "Rain fills rivers."),
    "snow": ("", "Snow covers hills."),
}


def tiny(name: str, queries: dict[str, tuple[str, str]], qrels: dict, top_ranked: dict | None = None) -> Any:
    """A task of mteb with data that was not downloaded.

    :param queries: id -> text and instruction.
    """
    kind = type(mteb.get_task(name))

    class Tiny(kind):
        def load_data(self, **options: object) -> None:
            split = self.eval_splits[0]
            corpus = [{"id": n, "title": title, "text": text} for n, (title, text) in TEXTS.items()]
            asked = [{"id": n, "text": text, "instruction": i} for n, (text, i) in queries.items()]
            self.dataset = {
                "default": {
                    split: {
                        "corpus": Dataset.from_list(corpus),
                        "queries": Dataset.from_list(asked),
                        "relevant_docs": qrels,
                        "top_ranked": top_ranked,
                    }
                }
            }
            self.data_loaded = True

    return Tiny()


def follow_ir() -> Any:
    queries = {
        "1-og": ("animals", "Those that make food."),
        "1-changed": ("animals", "Those that hunt."),
        "2-og": ("water", "Where it flows."),
        "2-changed": ("water", "Where it is frozen."),
    }
    qrels = {
        "1-og": {"bees": 1, "cats": 0},
        "1-changed": {"bees": 0, "cats": 1},
        "2-og": {"rain": 1, "snow": 1},
        "2-changed": {"rain": 0, "snow": 1},
    }
    task = tiny("Core17InstructionRetrieval", queries, qrels, {key: list(TEXTS) for key in queries})
    measure = type(task).task_specific_scores.__globals__["evaluate_p_mrr_change"]

    def task_specific_scores(scores: Any, qrels: Any, results: Any, hf_split: str, hf_subset: str) -> Any:
        return measure(qrels, results, {"1": ["bees"], "2": ["rain"]}, task.k_values)

    task.task_specific_scores = task_specific_scores
    return task


def test_follow_ir(static_model: SentenceTransformer) -> None:
    (benchmark,) = benchmarks_of_task(follow_ir())
    assert benchmark.name == "Core17InstructionRetrieval"
    assert benchmark.documents["bees"] == "Honey\nBees make honey." and benchmark.documents["snow"][0] == "S"
    requests = {request.key: request for request in benchmark.requests()}
    assert requests["1-og"].instruction == "Those that make food."
    assert requests["1-og"].candidates == tuple(TEXTS)
    run = DenseRanker(TextEncoder(static_model)).rank(benchmark.requests(), benchmark.documents)
    figures = benchmark.figures(run)[""]
    assert set(figures.values) == {"p_mrr", "p_mrr_gained", "map_at_1000"}
    theirs = benchmark.scores_of_mteb(run)
    assert theirs["mteb"] == mteb.__version__ and theirs["main_score"] == "p-MRR"
    assert theirs["revision"] == mteb.get_task("Core17InstructionRetrieval").metadata.dataset["revision"]
    assert figures.mean("p_mrr") == pytest.approx(theirs["scores"]["p-MRR"], abs=1e-9)
    assert figures.mean("map_at_1000") == pytest.approx(theirs["scores"]["og"]["map_at_1000"], abs=1e-5)


def test_the_template_of_the_training_is_what_the_model_reads(static_model: SentenceTransformer) -> None:
    (benchmark,) = benchmarks_of_task(follow_ir())
    as_mteb = measure_encoder(static_model, benchmark)
    otherwise = measure_encoder(
        static_model, benchmark, "{query} {query_mark}{instruction}".replace("{query_mark}", "honey honey ")
    )
    assert as_mteb[""].values != otherwise[""].values


def test_nev_ir(static_model: SentenceTransformer) -> None:
    queries = {"7_q1": ("who makes honey", ""), "7_q2": ("who makes no honey", "")}
    qrels = {"7_q1": {"bees": 1, "cats": 0}, "7_q2": {"cats": 1, "bees": 0}}
    (benchmark,) = benchmarks_of_task(
        tiny("NevIR", queries, qrels, {key: ["bees", "cats"] for key in queries})
    )
    assert benchmark.chances() == {("", "flip_accuracy"): 0.25}
    for scores, expected in (({"bees": 0.0, "cats": 1.0}, 1), ({"bees": 1.0, "cats": 0.0}, 0)):
        run = {"7_q1": {"bees": 1.0, "cats": 0.0}, "7_q2": scores}
        assert benchmark.figures(run)[""].mean("flip_accuracy") == expected
        assert benchmark.scores_of_mteb(run)["scores"]["paired_accuracy"] == expected


def test_instruct_ir(static_model: SentenceTransformer) -> None:
    queries = {f"q{number}_{view}": ("animals", f"view {view}") for number in (1, 2) for view in (0, 1)}
    wanted = ("bees", "cats", "rain", "snow")
    qrels = {key: {docid: 1} for key, docid in zip(queries, wanted, strict=True)}
    (benchmark,) = benchmarks_of_task(tiny("InstructIR", queries, qrels))
    run = DenseRanker(TextEncoder(static_model)).rank(benchmark.requests(), benchmark.documents)
    figures, theirs = benchmark.figures(run)[""], benchmark.scores_of_mteb(run)["scores"]
    assert figures.mean("robustness_at_10") == pytest.approx(theirs["robustness_at_10"], abs=1e-9)
    assert figures.mean("ndcg_at_10") == pytest.approx(theirs["ndcg_at_10"], abs=1e-5)
    assert len(figures.values["ndcg_at_10"]) == 2  # the unit is the query, not the instance


def test_plain_retrieval(static_model: SentenceTransformer) -> None:
    queries = {"a": ("honey", ""), "b": ("hunt", ""), "unjudged": ("?", "")}
    task = tiny("NanoSciFactRetrieval", queries, {"a": {"bees": 1}, "b": {"cats": 1}, "unjudged": {}})
    (benchmark,) = benchmarks_of_task(task)
    assert benchmark.split == "train" and len(benchmark.requests()) == 2
    run = DenseRanker(TextEncoder(static_model)).rank(benchmark.requests(), benchmark.documents)
    figures, theirs = benchmark.figures(run)[""], benchmark.scores_of_mteb(run)["scores"]
    for metric in ("ndcg_at_10", "recall_at_100", "map_at_1000", "mrr_at_10"):
        assert figures.mean(metric) == pytest.approx(theirs[metric], abs=1e-5)


def test_names_that_mteb_does_not_know_and_data_that_cannot_be_reached() -> None:
    with pytest.raises(InputError, match="no task 'Nothing'; give one of its retrieval tasks, or followir"):
        load_mteb_benchmarks("Nothing")
    # The tests are offline.
    with pytest.raises(InputError, match="NevIR: its data cannot be loaded"):
        load_mteb_benchmarks("nevir")
    with pytest.raises(InputError, match="no retrieval task"):
        benchmarks_of_task(mteb.get_task("STS12"))
    assert isinstance(benchmarks_of_task(follow_ir())[0], MtebBenchmark)
