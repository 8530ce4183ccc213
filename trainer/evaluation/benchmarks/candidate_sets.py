"""Candidate sets to evaluate on: of a published dual-view dataset, or of any benchmark of that kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dualview.trainer.data.candidate_rows import passage_text
from dualview.trainer.evaluation.benchmarks.outcomes import (
    EvaluationSet,
    EvaluationView,
    SetOutcome,
    outcome_of_set,
)
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import Run, ndcg, ranking, scores_of
from dualview.trainer.evaluation.rankers.ranker import Request, request_key
from dualview.trainer.query_template import DEFAULT_TEMPLATE

_CUT = 10


@dataclass
class EvaluationQuery:
    """A bare query, what answers it, and what does not.

    :param text: empty where the views have wordings of their own and there is no bare query.
    """

    text: str
    source: str
    answers: dict[str, None] = field(default_factory=dict)
    hard_negatives: dict[str, None] = field(default_factory=dict)

    @property
    def candidates(self) -> tuple[str, ...]:
        """All documents known for the query: the fixed candidate list of its rankings."""
        return (*self.answers, *self.hard_negatives)


@dataclass(frozen=True)
class CandidateSets:
    """Candidate sets, their queries by id, and the texts of all documents by id.

    :param template: how the data's training joined query and instruction.
    """

    sets: list[EvaluationSet]
    queries: dict[str, EvaluationQuery]
    documents: dict[str, str]
    template: str = DEFAULT_TEMPLATE
    name: str = ""
    split: str = ""

    def requests(self) -> list[Request]:
        """Ask for the rankings that figures are made of.

        Each view ranks its query's candidates and all documents, each bare query all documents.
        """
        asked = [
            Request(request_key(query_id), query.text)
            for query_id, query in self.queries.items()
            if query.text
        ]
        for one in self.sets:
            query = self.queries[one.query_id]
            for key, view in zip(view_keys(one), one.views, strict=True):
                text = view.query or one.query
                asked.append(Request(key, text, view.instruction, query.candidates))
                # As many more as may be left out of the ranking.
                depth = _CUT + len(query.answers)
                asked.append(Request(_in_corpus(key), text, view.instruction, depth=depth, optional=True))
        return asked

    def outcomes(self, run: Run) -> list[SetOutcome]:
        """Say for each set what a run did with its views.

        :raises MissingQueryError: if the run lacks a view.
        """
        return [outcome_of_set(one, [scores_of(run, key) for key in view_keys(one)]) for one in self.sets]

    def figures(self, run: Run) -> dict[str, Figures]:
        """Compute all figures, apart for each source of candidate sets.

        :raises MissingQueryError: if the run lacks a request.
        """
        results = {one.source: Figures() for one in self.sets}
        for outcome in self.outcomes(run):
            _add_outcome(results[outcome.candidate_set.source], outcome)
        if all(_in_corpus(key) in run for one in self.sets for key in view_keys(one)):
            for one in self.sets:
                self._add_instructed(results[one.source], one, run)
        for query_id, query in self.queries.items():
            if query.text:
                ranked = ranking(scores_of(run, request_key(query_id)))
                value = ndcg(ranked, dict.fromkeys(query.answers, 1))
                results.setdefault(query.source, Figures()).add("bare_query_ndcg_at_10", query_id, value)
        return results

    def _add_instructed(self, figures: Figures, one: EvaluationSet, run: Run) -> None:
        """Look for each view's document among all but those of its query that nobody judged for the view."""
        unjudged = self.queries[one.query_id].answers.keys() - set(one.positives)
        for key, view in zip(view_keys(one), one.views, strict=True):
            ranked = [docid for docid in ranking(run[_in_corpus(key)]) if docid not in unjudged]
            figures.add("instructed_ndcg_at_10", one.query_id, ndcg(ranked, {view.positive: 1}, _CUT))

    def chances(self) -> dict[tuple[str, str], float]:
        """Say what guessing gives, by source and figure: m views of m passages, once in m to the m."""
        chances: dict[tuple[str, str], list[float]] = {}
        for one in self.sets:
            passages = len(set(one.positives))
            chances.setdefault((one.source, "flip_accuracy"), []).append(passages ** -len(one.views))
            chances.setdefault((one.source, "view_accuracy"), []).extend([1 / passages] * len(one.views))
        return {key: float(np.mean(values)) for key, values in chances.items()}

    def counts(self) -> dict[str, str]:
        """Say how many sets of how many instructions each source has: "180 sets of 3 instructions"."""
        views: dict[str, list[int]] = {}
        for one in self.sets:
            views.setdefault(one.source, []).append(len(one.views))
        return {source: _count(sizes) for source, sizes in views.items()}


def _in_corpus(key: str) -> str:
    """Key of a view's ranking of all documents."""
    return f"{key}/corpus"


def view_keys(one: EvaluationSet) -> list[str]:
    """Keys of a set's views in a run."""
    return [request_key(one.set_id, str(number)) for number in range(len(one.views))]


def benchmark_from_rows(
    rows: Iterable[Mapping[str, Any]], template: str = DEFAULT_TEMPLATE, name: str = "", split: str = ""
) -> CandidateSets:
    """Gather the sets of a split.

    :param rows: rows of the config ``dual_view``.
    :param template: how query and instruction are joined; that of the model's training.
    """
    sets: dict[str, EvaluationSet] = {}
    queries: dict[str, EvaluationQuery] = {}
    documents: dict[str, str] = {}
    for row in rows:
        query = queries.setdefault(row["query_id"], EvaluationQuery(row["query"], row["source"]))
        for passage in (row["positive"], row["reversed_positive"], *row["other_instruction_negatives"]):
            documents[passage["docid"]] = passage_text(passage)
            query.answers[passage["docid"]] = None
        for passage in row["hard_negatives"]:
            documents[passage["docid"]] = passage_text(passage)
            query.hard_negatives[passage["docid"]] = None
        one = sets.setdefault(
            row["set_id"], EvaluationSet(row["set_id"], row["query_id"], row["query"], row["source"])
        )
        style, lever = row.get("style") or "", row.get("lever") or ""
        one.add(EvaluationView(row["instruction"], row["positive"]["docid"], style=style))
        one.add(EvaluationView(row["reversed_instruction"], row["reversed_positive"]["docid"], lever=lever))
    return CandidateSets(list(sets.values()), queries, documents, template, name, split)


def _add_outcome(figures: Figures, outcome: SetOutcome) -> None:
    query_id = outcome.candidate_set.query_id
    figures.add("flip_accuracy", query_id, float(outcome.all_right))
    for view in outcome.views:
        figures.add("view_accuracy", query_id, float(view.right))
        if view.margin is not None:
            figures.add("margin", query_id, view.margin)
        if view.flip is not None:
            figures.add("p_mrr", query_id, view.flip.p_mrr)
            figures.add("p_mrr_gained", query_id, view.flip.p_mrr_gained)


def _count(sizes: list[int]) -> str:
    low, high = min(sizes), max(sizes)
    return f"{len(sizes):,} sets of {low if low == high else f'{low} to {high}'} instructions"
