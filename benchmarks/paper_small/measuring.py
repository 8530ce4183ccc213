"""What every model of the experiment is measured on, and its figures query by query."""

from __future__ import annotations

import re
from pathlib import Path

import torch
from datasets import Dataset

from benchmarks.paper_small.jobs import ALL_ROWS
from benchmarks.paper_small.texts import CONDAQA, SCIFACT, scifact_lines
from dualview.trainer.data.published import load_rows
from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.benchmarks.folders.local import read_benchmark
from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import EvaluationQuery
from dualview.trainer.evaluation.benchmarks.sets.published_sets import benchmark_from_rows
from dualview.trainer.evaluation.converters.published_pairs import convert_condaqa
from dualview.trainer.evaluation.converters.write_folder import write_benchmark
from dualview.trainer.evaluation.rankers.ranker import Ranker

# Values by query, by figure; a figure is named "source/metric".
Values = dict[str, dict[str, list[float]]]

# What of SciFact stands in for it while a recipe is looked for: so many claims, among so many abstracts, tell
# differences of one point.
_CONCLUSIONS = "scifact conclusions"
_CLAIMS, _ABSTRACTS = 1_500, 2_500
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def test_benchmarks(work: Path, data: Path) -> list[Benchmark]:
    """What the arms are compared on: test splits of our own sets, CondaQA's pairs, and all of SciFact."""
    benchmarks: list[Benchmark] = [
        benchmark_from_rows(Dataset.from_parquet(str(path)), name=path.stem)
        for path in sorted((work / "test").glob("*.parquet"))
    ]
    condaqa = work / "condaqa"
    if not condaqa.is_dir():
        write_benchmark(condaqa, convert_condaqa(data / CONDAQA))
    return [*benchmarks, read_benchmark(condaqa), read_benchmark(data / SCIFACT)]


def validation_benchmarks(work: Path, data: Path) -> list[Benchmark]:
    """What choices are made on: the validation split, and for plain retrieval SciFact's own conclusions.

    SciFact's test has the only queries. They are claims, and the last sentence of an abstract is one too: it
    looks for the rest of its abstract, among abstracts that no test query is about.
    """
    validation = load_rows(str(work / ALL_ROWS))["validation"]
    return [benchmark_from_rows(validation, name="validation"), conclusions(data)]


def measure(ranker: Ranker, benchmarks: list[Benchmark]) -> Values:
    """Measure a system; values to four places."""
    values: Values = {}
    with torch.inference_mode():
        for benchmark in benchmarks:
            ranked = ranker.rank(benchmark.requests(), benchmark.documents)
            for source, figures in benchmark.figures(ranked).items():
                for metric, found_values in figures.values.items():
                    by_query = values.setdefault(f"{source or benchmark.name}/{metric}", {})
                    for query_id, value in zip(figures.query_ids[metric], found_values, strict=True):
                        by_query.setdefault(query_id, []).append(round(value, 4))
    return values


def conclusions(data: Path) -> CandidateSets:
    """Make queries of the last sentences of SciFact's abstracts: claims that look for the rest of theirs."""
    judged = {line.split("\t")[1] for line in (data / SCIFACT / "qrels.tsv").read_text().splitlines()[1:]}
    queries: dict[str, EvaluationQuery] = {}
    documents: dict[str, str] = {}
    for document in scifact_lines(data, "corpus"):
        *before, last = _SENTENCE_END.split(document["text"].strip())
        if document["_id"] in judged or len(before) < 3 or not 8 <= len(last.split()) <= 40:
            continue
        documents[document["_id"]] = " ".join(before)
        if len(queries) < _CLAIMS:
            queries[document["_id"]] = EvaluationQuery(last, _CONCLUSIONS, answers={document["_id"]: None})
        if len(documents) == _ABSTRACTS:
            break
    return CandidateSets([], queries, documents, name=_CONCLUSIONS)
