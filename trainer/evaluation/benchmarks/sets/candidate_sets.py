"""Candidate sets to evaluate on: of a published dual-view dataset, or of any benchmark of that kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dualview.trainer.evaluation.benchmarks.judged_rankings import JudgedRanking
from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import (
    EvaluationQuery,
    EvaluationSet,
)
from dualview.trainer.evaluation.benchmarks.sets.outcomes import SetOutcome, outcome_of_set
from dualview.trainer.evaluation.benchmarks.sets.set_figures import (
    add_outcome,
    chances_of_sets,
    count_in_words,
)
from dualview.trainer.evaluation.benchmarks.sets.set_rankings import (
    CUT,
    asked_rankings,
    corpus_key,
    source_key,
    unjudged_documents,
    unnamed_documents,
    view_keys,
)
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import CorpusPlace, Run, ndcg, place_in_corpus, ranking, scores_of
from dualview.trainer.evaluation.rankers.ranker import Request, request_key
from dualview.trainer.query_template import DEFAULT_TEMPLATE


@dataclass(frozen=True)
class CandidateSets:
    """Candidate sets, their queries by id, and the texts of all documents by id.

    :param template: how the data's training joined query and instruction.
    :param notes: what was left out of the data or found odd.
    :param corpora: the documents of each source, among which its views look for theirs; a source that is not
        named has all documents.
    """

    sets: list[EvaluationSet]
    queries: dict[str, EvaluationQuery]
    documents: dict[str, str]
    template: str = DEFAULT_TEMPLATE
    name: str = ""
    split: str = ""
    notes: tuple[str, ...] = ()
    corpora: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def requests(self) -> list[Request]:
        """Ask for the rankings that figures are made of.

        Each view ranks its query's candidates, the documents of its source and all documents, each bare query
        all documents.
        """
        return [request for request, _ in asked_rankings(self.sets, self.queries, self.corpora)]

    def judged_rankings(self) -> list[JudgedRanking]:
        """List the same rankings with their judgements.

        Under an instruction, the set's other passages are judged not relevant. Passages of the query that are
        in none of the set's views have no judgement, unless the instruction rules them out: one that only
        excludes leaves several of them relevant.
        """
        return [judged for _, judged in asked_rankings(self.sets, self.queries, self.corpora)]

    def outcomes(self, run: Run) -> list[SetOutcome]:
        """Compare a run's rankings of each set's views.

        :raises MissingQueryError: if the run lacks a view.
        """
        is_placed = all(source_key(key) in run for one in self.sets for key in view_keys(one))
        return [
            outcome_of_set(
                one,
                [scores_of(run, key) for key in view_keys(one)],
                self._places(one, run) if is_placed else (),
            )
            for one in self.sets
        ]

    def figures(self, run: Run) -> dict[str, Figures]:
        """Compute all figures, apart for each source of candidate sets.

        :raises MissingQueryError: if the run lacks a request.
        """
        results = {one.source: Figures() for one in self.sets}
        for outcome in self.outcomes(run):
            add_outcome(results[outcome.candidate_set.source], outcome)
        if all(corpus_key(key) in run for one in self.sets for key in view_keys(one)):
            for one in self.sets:
                self._add_instructed(results[one.source], one, run)
        for query_id, query in self.queries.items():
            if query.text:
                ranked = ranking(scores_of(run, request_key(query_id)))
                value = ndcg(ranked, dict.fromkeys(query.answers, 1))
                results.setdefault(query.source, Figures()).add("bare_query_ndcg_at_10", query_id, value)
        return results

    def _places(self, one: EvaluationSet, run: Run) -> list[CorpusPlace]:
        """Find each view's document among those of the source, without the unjudged ones of its query."""
        query = self.queries[one.query_id]
        return [
            place_in_corpus(
                run[source_key(key)], view.positive, view.rejects, unjudged_documents(one, view, query)
            )
            for key, view in zip(view_keys(one), one.views, strict=True)
        ]

    def _add_instructed(self, figures: Figures, one: EvaluationSet, run: Run) -> None:
        """Search each view's document among all but the query's that none of the set's views wants."""
        unnamed = set(unnamed_documents(one, self.queries[one.query_id]))
        for key, view in zip(view_keys(one), one.views, strict=True):
            ranked = [docid for docid in ranking(run[corpus_key(key)]) if docid not in unnamed]
            figures.add("instructed_ndcg_at_10", one.query_id, ndcg(ranked, {view.positive: 1}, CUT))

    def chances(self) -> dict[tuple[str, str], float]:
        """Return what guessing gives, by source and figure."""
        return chances_of_sets(self.sets, {one.source: self.passages(one.source) for one in self.sets})

    def counts(self) -> dict[str, str]:
        """Count the sets of each source and their instructions: "180 sets of 3 instructions"."""
        views: dict[str, list[int]] = {}
        for one in self.sets:
            views.setdefault(one.source, []).append(len(one.views))
        return {source: count_in_words(sizes) for source, sizes in views.items()}

    def passages(self, source: str) -> int:
        """Count the documents among which the views of a source look for theirs."""
        return len(self.corpora.get(source, self.documents))
