"""SciFact and CondaQA, read where they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

from dualview.trainer.evaluation.benchmarks.folders.layout import read_folder
from dualview.trainer.evaluation.benchmarks.folders.local import LocalBenchmark, read_benchmark
from dualview.trainer.evaluation.convert import main
from dualview.trainer.evaluation.measure_encoder import measure_encoder


@pytest.mark.slow
def test_scifact_is_measured_as_sentence_transformers_does(
    fresh_minilm: SentenceTransformer, shared_data: Path
) -> None:
    """On a part of the corpus and of each text: the whole takes a quarter of an hour on two cores."""
    folder = shared_data / "scifact"
    read = read_folder(folder)
    judged = dict(list(read.qrels[""].items())[:60])
    needed = {docid for labels in judged.values() for docid in labels}
    others = [docid for docid in read.documents if docid not in needed][:300]
    kept = {docid: read.documents[docid] for docid in [*needed, *others]}
    queries = {query_id: read.queries[query_id] for query_id in judged}
    fresh_minilm.max_seq_length = 64
    benchmark = LocalBenchmark(
        folder,
        type(read)("retrieval", "scifact", "", documents=kept, queries=queries, qrels={"": judged}),
    )
    ours = measure_encoder(fresh_minilm, benchmark)[""].mean("ndcg_at_10")
    evaluator = InformationRetrievalEvaluator(
        {query_id: record["text"] for query_id, record in queries.items()},
        kept,
        {query_id: {d for d, label in labels.items() if label > 0} for query_id, labels in judged.items()},
        ndcg_at_k=[10],
    )
    theirs = evaluator(fresh_minilm)["cosine_ndcg@10"]
    assert ours == pytest.approx(theirs, abs=0.005)
    assert ours > 0.6


def test_condaqa_runs_and_reports(
    static_model: SentenceTransformer, shared_data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "condaqa"
    assert main(["condaqa", str(shared_data / "condaqa" / "dev_pairs.jsonl.gz"), str(out)]) == 0
    benchmark = read_benchmark(out)
    assert benchmark.counts() == {"": "234 sets of 2 instructions"}
    figures = measure_encoder(static_model, benchmark)[""]
    assert len(figures.values["flip_accuracy"]) == 234
    # An average of random word vectors follows no instruction.
    assert figures.mean("flip_accuracy") < 0.1
