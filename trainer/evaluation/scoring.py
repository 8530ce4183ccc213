"""Score a benchmark with a SentenceTransformer: each text is encoded once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from sentence_transformers import SentenceTransformer

from trainer.evaluation.candidate_sets import Benchmark, EvaluationSet
from trainer.evaluation.metrics import ndcg, p_mrr, ranking, view_is_right

# The figures, by name: what one value is about, and how it is called where people read it.
FIGURES = {
    "flip_accuracy": "all views of a set right",
    "view_accuracy": "single views right",
    "p_mrr": "p-MRR (documents that lost relevance)",
    "p_mrr_gained": "mirror of p-MRR (documents that gained it)",
    "margin": "mean margin (cosine)",
    "bare_query_ndcg_at_10": "nDCG@10 of the bare queries",
    "ndcg_at_10": "nDCG@10 of plain retrieval",
}


@dataclass
class Figures:
    """Values of each figure for one source, each with the query it belongs to (the unit of resampling)."""

    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    query_ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, figure: str, query_id: str, value: float) -> None:
        """Add one value."""
        self.values[figure].append(value)
        self.query_ids[figure].append(query_id)

    def mean(self, figure: str) -> float:
        """Average of a figure over its values."""
        return float(np.mean(self.values[figure]))


@dataclass(frozen=True)
class Embeddings:
    """Unit vectors of every text of a benchmark, and where each lies."""

    queries: np.ndarray
    query_place: dict[str, int]
    documents: np.ndarray
    document_place: dict[str, int]

    def scores(self, query: str, docids: list[str]) -> dict[str, float]:
        """Cosine of a query text with some documents."""
        vector = self.queries[self.query_place[query]]
        rows = self.documents[[self.document_place[docid] for docid in docids]]
        return dict(zip(docids, (rows @ vector).tolist(), strict=True))


def encode_benchmark(
    model: SentenceTransformer, benchmark: Benchmark, batch_size: int = 32, show_progress: bool = False
) -> Embeddings:
    """Encode every query text and document of a benchmark once.

    :return: vectors of shape (texts, dim), float32, of unit length.
    """
    queries = dict.fromkeys(query.text for query in benchmark.queries.values())
    queries.update(dict.fromkeys(view.instructed_query for s in benchmark.sets for view in s.views))
    options = {
        "batch_size": batch_size,
        "show_progress_bar": show_progress,
        "normalize_embeddings": True,
        "convert_to_numpy": True,
    }
    return Embeddings(
        queries=model.encode_query(list(queries), **options),
        query_place={text: place for place, text in enumerate(queries)},
        documents=model.encode_document(list(benchmark.documents.values()), **options),
        document_place={docid: place for place, docid in enumerate(benchmark.documents)},
    )


def figures_by_source(embeddings: Embeddings, benchmark: Benchmark) -> dict[str, Figures]:
    """Compute all figures, apart for each source of candidate sets."""
    results: dict[str, Figures] = defaultdict(Figures)
    for candidate_set in benchmark.sets:
        candidates = benchmark.queries[candidate_set.query_id].candidates
        _score_set(embeddings, candidate_set, candidates, results[candidate_set.source])
    corpus = list(benchmark.documents)
    for query_id, query in benchmark.queries.items():
        ranked = ranking(embeddings.scores(query.text, corpus))
        results[query.source].add("bare_query_ndcg_at_10", query_id, ndcg(ranked, query.answers.keys()))
    return dict(results)


def chance_by_source(benchmark: Benchmark) -> dict[tuple[str, str], float]:
    """Say what guessing would give: a set of m views over m passages is right by chance once in m to the m."""
    chances: dict[tuple[str, str], list[float]] = defaultdict(list)
    for candidate_set in benchmark.sets:
        passages = len(set(candidate_set.positives))
        chances[candidate_set.source, "flip_accuracy"].append(passages ** -len(candidate_set.views))
        chances[candidate_set.source, "view_accuracy"] += [1 / passages] * len(candidate_set.views)
    return {key: float(np.mean(values)) for key, values in chances.items()}


def counts_by_source(benchmark: Benchmark) -> dict[str, str]:
    """Say how many sets of how many instructions each source has, such as "180 sets of 3 instructions"."""
    views: dict[str, list[int]] = defaultdict(list)
    for candidate_set in benchmark.sets:
        views[candidate_set.source].append(len(candidate_set.views))
    return {
        source: f"{len(counts):,} sets of "
        + (f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}")
        + " instructions"
        for source, counts in views.items()
    }


def _score_set(
    embeddings: Embeddings, candidate_set: EvaluationSet, candidates: list[str], figures: Figures
) -> None:
    """Add one set's figures: flip and margins among the views' passages, p-MRR in the query's candidate list."""
    query_id, wanted = candidate_set.query_id, candidate_set.positives
    runs = [embeddings.scores(view.instructed_query, candidates) for view in candidate_set.views]
    right = []
    for run, positive in zip(runs, wanted, strict=True):
        rivals = [docid for docid in wanted if docid != positive]
        right.append(view_is_right(run, positive, rivals))
        figures.add("view_accuracy", query_id, float(right[-1]))
        figures.add("margin", query_id, run[positive] - max(run[docid] for docid in rivals))
    figures.add("flip_accuracy", query_id, float(all(right)))
    for run, positive in zip(runs[1:], wanted[1:], strict=True):
        figures.add("p_mrr", query_id, p_mrr(runs[0], run, [wanted[0]]))
        figures.add("p_mrr_gained", query_id, p_mrr(run, runs[0], [positive]))
