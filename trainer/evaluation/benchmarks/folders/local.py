"""Local folders as benchmarks: the rankings that each kind needs, their judgements and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.benchmark import Benchmark
from dualview.trainer.evaluation.benchmarks.folders.folder_views import View
from dualview.trainer.evaluation.benchmarks.folders.layout import BenchmarkFolder, read_folder
from dualview.trainer.evaluation.benchmarks.folders.local_figures import answerable, exclusions, local_figures
from dualview.trainer.evaluation.benchmarks.folders.local_sets import local_candidate_sets
from dualview.trainer.evaluation.benchmarks.judged_rankings import JudgedRanking
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import Run
from dualview.trainer.evaluation.rankers.ranker import Request, request_key

_P_MRR = ("p_mrr", "p_mrr_gained")
# Figures that a ranking counts in, by kind; FollowIR's own depend on the view and on the folder's measure.
_FIGURES = {
    "retrieval": ("ndcg_at_10", "map_at_1000", "recall_at_100", "mrr_at_10"),
    "exclusion": ("recall_at_1", "mrr_at_10", "recall_at_1_gap", "mrr_at_10_gap", "right_rank"),
    "followir": _P_MRR,
    "instructir": ("ndcg_at_10", "robustness_at_10"),
    "infosearch": ("infosearch_p_mrr", "sicr", "wise"),
}


def read_benchmark(folder: Path, *, strict: bool = False) -> Benchmark:
    """Read a local benchmark of any kind.

    :param strict: refuse judgements of queries and documents that the folder lacks, instead of counting them.
    :raises InputError: naming file, line and remedy.
    """
    read = read_folder(folder, strict=strict)
    if read.kind == "candidate_sets":
        return local_candidate_sets(folder, read)
    return LocalBenchmark(folder, read)


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
            try:
                exclusions(self.read)
            except ValueError as error:
                raise InputError(f"{self.folder}: {error}") from error
        elif self.read.kind == "retrieval" and not answerable(self.read):
            raise InputError(f"{self.folder}: no query with a text has a relevant document; check the qrels")

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

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences with counts, on what was left out of the data or is odd."""
        if self.read.kind != "retrieval":
            return self.read.notes
        silent = [query_id for query_id in self.read.qrels[""] if not self.read.text(query_id).strip()]
        if not silent:
            return self.read.notes
        count = "1 judged query has" if len(silent) == 1 else f"{len(silent):,} judged queries have"
        note = f"{count} no text, such as {silent[0]!r}; left out"
        return (*self.read.notes, note)

    def requests(self) -> list[Request]:
        """List the rankings that the kind needs."""
        return [request for _, _, request in self._asked()]

    def judged_rankings(self) -> list[JudgedRanking]:
        """List the same rankings with their judgements."""
        return [
            JudgedRanking(
                key=request.key,
                query_id=query_id,
                query=request.query,
                instruction=request.instruction,
                subset=self.read.subset(query_id),
                candidates=None if request.candidates is None else len(request.candidates),
                labels=self.read.qrels.get(view, {}).get(query_id, {}),
                figures=self._figures_of(view),
            )
            for query_id, view, request in self._asked()
        ]

    def figures(self, run: Run) -> dict[str, Figures]:
        """Compute the figures of the kind, apart for each source."""
        results: dict[str, Figures] = {}
        for figure, by_query in local_figures(self.read, run).items():
            for query_id, value in by_query.items():
                results.setdefault(self.read.subset(query_id), Figures()).add(figure, query_id, value)
        return results

    def chances(self) -> dict[tuple[str, str], float]:
        """Return nothing: guessing has no meaning here."""
        return {}

    def counts(self) -> dict[str, str]:
        """Count the queries of each source."""
        subsets: dict[str, int] = {}
        for query_id in self._query_ids():
            subset = self.read.subset(query_id)
            subsets[subset] = subsets.get(subset, 0) + 1
        return {subset: f"{count:,} queries" for subset, count in subsets.items()}

    def _query_ids(self) -> list[str]:
        return list(answerable(self.read) if self.read.kind == "retrieval" else self.read.queries)

    def _asked(self) -> Iterator[tuple[str, str, Request]]:
        """List query id, name of the judgements, and request of each ranking."""
        for query_id in self._query_ids():
            views = self.read.views.get(query_id, {})
            if self.read.kind == "infosearch":
                # The original mode is the bare query, unless the benchmark words it.
                views = {"original": View(""), **views}
            text, candidates = self.read.text(query_id), self.read.candidates.get(query_id)
            if self.read.kind in ("retrieval", "exclusion"):
                instruction = next((view.instruction for view in views.values()), "")
                yield query_id, "", Request(request_key(query_id), text, instruction, candidates)
                continue
            for name, view in views.items():
                key = request_key(query_id, name)
                yield query_id, name, Request(key, view.query or text, view.instruction, candidates)

    def _figures_of(self, view: str) -> tuple[str, ...]:
        if self.read.kind == "followir" and view == "original":
            return (self.read.measure, *_P_MRR)
        return _FIGURES[self.read.kind]
