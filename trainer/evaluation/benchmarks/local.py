"""Local folders as benchmarks: which rankings each kind needs, and which figures it gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.layout import BenchmarkFolder, View, read_folder
from dualview.trainer.evaluation.benchmarks.local_sets import local_candidate_sets
from dualview.trainer.evaluation.benchmarks.measures import (
    followir_figures,
    instructir_figures,
    retrieval_figures,
)
from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.measured_figures import Figures
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
from dualview.trainer.evaluation.rankers.ranker import Request, request_key


def read_benchmark(folder: Path) -> Benchmark:
    """Read a local benchmark of any kind.

    :raises InputError: naming file, row and remedy.
    """
    read = read_folder(folder)
    return (
        local_candidate_sets(folder, read) if read.kind == "candidate_sets" else LocalBenchmark(folder, read)
    )


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
        return instructir_figures(run, qrels, instances)

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
