"""Local folders as benchmarks: which rankings each kind needs, and which figures it gives."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trainer.errors import InputError
from trainer.evaluation.benchmarks.layout import BenchmarkFolder, View, read_folder
from trainer.evaluation.benchmarks.protocol import Benchmark
from trainer.evaluation.candidate_sets import CandidateSets, EvaluationQuery
from trainer.evaluation.figures import Figures
from trainer.evaluation.metrics import (
    Exclusion,
    Qrels,
    Run,
    ThreeRuns,
    changed_documents,
    exclusion_by_query,
    infosearch_p_mrr_by_query,
    mrr_by_query,
    ndcg_by_query,
    p_mrr_by_query,
    p_mrr_gained_by_query,
    robustness_by_query,
    sicr_by_query,
    trec_by_query,
    wise_by_query,
)
from trainer.evaluation.outcomes import EvaluationSet, EvaluationView
from trainer.evaluation.rankers.protocol import Request, request_key


def read_benchmark(folder: Path) -> Benchmark:
    """Read a local benchmark of any kind.

    :raises InputError: naming file, row and remedy.
    """
    read = read_folder(folder)
    return _candidate_sets(folder, read) if read.kind == "candidate_sets" else LocalBenchmark(folder, read)


@dataclass(frozen=True)
class LocalBenchmark:
    """A folder of any kind but candidate sets."""

    folder: Path
    read: BenchmarkFolder

    def __post_init__(self) -> None:
        """Check what only the kind knows.

        :raises InputError: naming file and remedy.
        """
        if self.read.kind == "exclusion":
            self._exclusions()
        elif self.read.kind == "retrieval" and not self._judged():
            raise InputError(f"{self.folder}: no query has a relevant document; check the qrels")

    @property
    def name(self) -> str:
        """The benchmark's name in tables."""
        return self.read.name

    @property
    def split(self) -> str:
        """The split, or an empty string."""
        return self.read.split

    @property
    def documents(self) -> Mapping[str, str]:
        """Texts of all documents by id."""
        return self.read.documents

    def requests(self) -> list[Request]:
        """List the rankings that the kind needs."""
        asked = []
        for query_id in self._judged() if self.read.kind == "retrieval" else self.read.queries:
            views = self.read.views.get(query_id, {})
            if self.read.kind == "infosearch":
                # The original mode is the bare query, unless the benchmark words it.
                views = {"original": View(""), **views}
            text, candidates = self.read.text(query_id), self.read.candidates.get(query_id)
            if self.read.kind in ("retrieval", "exclusion"):
                instruction = next((view.instruction for view in views.values()), "")
                asked.append(Request(request_key(query_id), text, instruction, candidates))
            else:
                asked += [
                    Request(request_key(query_id, name), view.query or text, view.instruction, candidates)
                    for name, view in views.items()
                ]
        return asked

    def figures(self, run: Run) -> dict[str, Figures]:
        """Compute the figures of the kind, apart for each source."""
        measure = {
            "retrieval": self._retrieval,
            "exclusion": self._exclusion,
            "followir": self._followir,
            "instructir": self._instructir,
            "infosearch": self._infosearch,
        }[self.read.kind]
        results: dict[str, Figures] = {}
        for figure, by_query in measure(run).items():
            for query_id, value in by_query.items():
                results.setdefault(self.read.subset(query_id), Figures()).add(figure, query_id, value)
        return results

    def chances(self) -> dict[tuple[str, str], float]:
        """Guessing says nothing here."""
        return {}

    def counts(self) -> dict[str, str]:
        """Say how many queries each source has."""
        subsets: dict[str, int] = {}
        for query_id in self._judged() if self.read.kind == "retrieval" else self.read.queries:
            subset = self.read.subset(query_id)
            subsets[subset] = subsets.get(subset, 0) + 1
        return {subset: f"{count:,} queries" for subset, count in subsets.items()}

    def _judged(self) -> dict[str, dict[str, int]]:
        """Judgements of the queries that have a relevant document; BEIR leaves out the others too."""
        return {
            query_id: labels
            for query_id, labels in self.read.qrels[""].items()
            if any(label > 0 for label in labels.values())
        }

    def _run_of(self, run: Run, view: str, query_ids: Iterable[str]) -> dict[str, Mapping[str, float]]:
        """Take one view's rankings, by query id; what is missing stays missing."""
        keys = {query_id: request_key(query_id, view) for query_id in query_ids}
        return {query_id: run[key] for query_id, key in keys.items() if key in run}

    def _retrieval(self, run: Run) -> dict[str, dict[str, float]]:
        return retrieval_figures(self._run_of(run, "", self._judged()), self._judged())

    def _exclusions(self) -> dict[str, Exclusion]:
        pairs = {}
        for query_id in self.read.queries:
            labels = self.read.qrels[""].get(query_id, {})
            wanted = [docid for docid, label in labels.items() if label > 0]
            excluded = [docid for docid, label in labels.items() if label <= 0]
            if len(wanted) != 1 or len(excluded) != 1:
                raise InputError(
                    f"{self.folder}: query {query_id!r} needs one wanted document (label 1) and one excluded "
                    f"(label 0) in the qrels; it has {len(wanted)} and {len(excluded)}"
                )
            pairs[query_id] = Exclusion(wanted[0], excluded[0])
        return pairs

    def _exclusion(self, run: Run) -> dict[str, dict[str, float]]:
        pairs = self._exclusions()
        return exclusion_by_query(self._run_of(run, "", pairs), pairs)

    def _followir(self, run: Run) -> dict[str, dict[str, float]]:
        original, changed = (self._run_of(run, view, self.read.queries) for view in ("original", "changed"))
        before, after = self.read.qrels["original"], self.read.qrels["changed"]
        return followir_figures(original, changed, before, after, self.read.measure)

    def _instructir(self, run: Run) -> dict[str, dict[str, float]]:
        instances = {
            query_id: [request_key(query_id, view) for view in views]
            for query_id, views in self.read.views.items()
        }
        qrels = {
            request_key(query_id, view): self.read.qrels[view].get(query_id, {})
            for query_id, views in self.read.views.items()
            for view in views
        }
        ndcg = ndcg_by_query(run, qrels)
        # One query's views depend on each other: they are resampled together.
        means = {query_id: sum(ndcg[key] for key in keys) / len(keys) for query_id, keys in instances.items()}
        return {"ndcg_at_10": means, "robustness_at_10": robustness_by_query(ndcg, instances)}

    def _infosearch(self, run: Run) -> dict[str, dict[str, float]]:
        modes = [
            self._run_of(run, view, self.read.queries) for view in ("original", "instructed", "reversed")
        ]
        instructed = self.read.qrels["instructed"]
        positives = {
            q: [d for d, label in instructed.get(q, {}).items() if label > 0] for q in self.read.queries
        }
        negatives = {
            q: [d for d, label in instructed.get(q, {}).items() if label <= 0] for q in self.read.queries
        }
        if "original" in self.read.qrels:
            negatives, _ = changed_documents(self.read.qrels["original"], instructed)
        runs = ThreeRuns(*modes)
        return {
            "infosearch_p_mrr": infosearch_p_mrr_by_query(runs.original, runs.instructed, negatives),
            "sicr": sicr_by_query(runs, positives),
            "wise": wise_by_query(runs, positives, negatives),
        }


def retrieval_figures(run: Run, qrels: Qrels) -> dict[str, dict[str, float]]:
    """Measure plain retrieval: nDCG@10, and the rest where ``pytrec_eval`` is installed."""
    if importlib.util.find_spec("pytrec_eval") is None:
        return {"ndcg_at_10": ndcg_by_query(run, qrels)}
    measured = trec_by_query(run, qrels, ("ndcg_at_10", "map_at_1000", "recall_at_100"))
    return {**measured, "mrr_at_10": mrr_by_query(run, qrels)}


def followir_figures(
    original: Run, changed: Run, before: Qrels, after: Qrels, measure: str
) -> dict[str, dict[str, float]]:
    """Measure what FollowIR does: p-MRR, its mirror, and the figure that its Score averages.

    :param before: judgements under the original instruction; ``after`` under the changed one.
    :param measure: of the original view, where ``pytrec_eval`` is installed.
    """
    lost, gained = changed_documents(before, after)
    figures = {
        "p_mrr": p_mrr_by_query(original, changed, lost),
        "p_mrr_gained": p_mrr_gained_by_query(original, changed, gained),
    }
    if importlib.util.find_spec("pytrec_eval") is not None:
        figures |= trec_by_query(original, before, (measure,))
    return figures


def _candidate_sets(folder: Path, read: BenchmarkFolder) -> CandidateSets:
    sets, queries = [], {}
    for query_id, views in read.views.items():
        one = EvaluationSet(query_id, query_id, read.text(query_id), read.subset(query_id))
        for name, view in views.items():
            labels = read.qrels[name].get(query_id, {})
            wanted = [docid for docid, label in labels.items() if label > 0]
            if len(wanted) != 1:
                raise InputError(
                    f"{folder / 'qrels' / name}.tsv: query {query_id!r} has {len(wanted)} relevant "
                    "documents; a view of a candidate set wants one"
                )
            one.add(EvaluationView(view.instruction, wanted[0], view.lever, view.style, view.query))
        if len(set(one.positives)) < 2:
            raise InputError(
                f"{folder}: all views of query {query_id!r} want the same document; a set needs two"
            )
        answers = dict.fromkeys(one.positives)
        others = {docid: None for docid in read.candidates.get(query_id, ()) if docid not in answers}
        # Where every view words the query itself, there is no bare query to search for.
        text = "" if all(view.query for view in one.views) else one.query
        queries[query_id] = EvaluationQuery(text, one.source, answers, others)
        sets.append(one)
    return CandidateSets(sets, queries, read.documents, name=read.name, split=read.split)
