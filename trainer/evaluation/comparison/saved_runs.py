"""Saved rankings with their judgements, from which other tools compute the same figures.

=======================  ===================================================================================
file in ``OUT/runs``     content
=======================  ===================================================================================
``model/NAME.trec``      the model's rankings in TREC's format; ``baseline/NAME.trec`` those of the baseline
``NAME.qrels.tsv``       judgements in BEIR's form: a heading, then query-id, corpus-id and score
``NAME.qrels.trec``      the same in TREC's four columns, for ``trec_eval`` and ``pytrec_eval``
``NAME.queries.jsonl``   each id of the rankings: query, instruction, subset, and the figures it counts in
=======================  ===================================================================================

The score -1 marks documents without a judgement for the instruction. Several passages of a query may be
relevant to an instruction that only excludes, and a dataset names one of them: the figures leave the others
out, so the saved rankings do not hold them either.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.readme import write_text
from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.benchmarks.judged_rankings import JudgedRanking
from dualview.trainer.evaluation.metrics import Run
from dualview.trainer.evaluation.rankers.run_file import write_run

#: Score of documents that have no judgement and are left out; trec_eval takes it for "not in the pool".
LEFT_OUT = -1


def check_names(benchmarks: Sequence[str]) -> None:
    """Check that the files of no two benchmarks get the same name.

    :raises InputError: if they do.
    """
    stems: dict[str, str] = {}
    for name in benchmarks:
        if (other := stems.setdefault(_stem(name), name)) != name:
            raise InputError(
                f"the runs of {other!r} and {name!r} would be saved in the same file; rename one in its "
                "benchmark.json"
            )


def save_run(folder: Path, benchmark: Benchmark, run: Run, system: str) -> None:
    """Save the rankings of one system.

    :param system: its name in the last column.
    :raises InputError: if a document id holds white space, which the format cannot carry.
    :raises dualview.cards.errors.CardError: if the file cannot be written.
    """
    left_out = {judged.key: set(judged.left_out) for judged in benchmark.judged_rankings()}
    kept = {
        key: {docid: score for docid, score in scores.items() if docid not in left_out.get(key, ())}
        for key, scores in run.items()
    }
    write_run(folder / f"{_stem(benchmark.name)}.trec", kept, system)


def save_judgements(folder: Path, benchmark: Benchmark) -> None:
    """Save the judgements of a benchmark's rankings, and what their ids are.

    :raises dualview.cards.errors.CardError: if a file cannot be written.
    """
    stem = folder / _stem(benchmark.name)
    beir, trec, queries = ["query-id\tcorpus-id\tscore"], [], []
    for judged in benchmark.judged_rankings():
        for docid, score in [*judged.labels.items(), *((docid, LEFT_OUT) for docid in judged.left_out)]:
            beir.append(f"{judged.key}\t{docid}\t{score}")
            trec.append(f"{judged.key} 0 {docid} {score}")
        queries.append(json.dumps(_explained(judged), ensure_ascii=False))
    for ending, lines in (("qrels.tsv", beir), ("qrels.trec", trec), ("queries.jsonl", queries)):
        write_text(stem.with_name(f"{stem.name}.{ending}"), "".join(f"{line}\n" for line in lines))


def _explained(judged: JudgedRanking) -> dict[str, object]:
    return {
        "_id": judged.key,
        "text": judged.query,
        "instruction": judged.instruction,
        "query_id": judged.query_id,
        "subset": judged.subset,
        "ranked": "corpus" if judged.candidates is None else f"{judged.candidates} candidates",
        "figures": list(judged.figures),
        "left_out": len(judged.left_out),
    }


def _stem(benchmark: str) -> str:
    return "-".join(benchmark.replace("/", "-").split())
