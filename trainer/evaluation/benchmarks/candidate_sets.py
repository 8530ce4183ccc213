"""Candidate sets to evaluate on: of a published dual-view dataset, or of any benchmark of that kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dualview.cards.errors import InputError
from dualview.trainer.data.candidate_rows import NEEDED_COLUMNS, passage_text
from dualview.trainer.evaluation.benchmarks.evaluation_sets import (
    EvaluationQuery,
    EvaluationSet,
    EvaluationView,
)
from dualview.trainer.evaluation.benchmarks.judged_rankings import JudgedRanking
from dualview.trainer.evaluation.benchmarks.outcomes import SetOutcome, outcome_of_set
from dualview.trainer.evaluation.benchmarks.set_rankings import (
    CUT,
    asked_rankings,
    corpus_key,
    unjudged_documents,
    view_keys,
)
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import Run, ndcg, ranking, scores_of
from dualview.trainer.evaluation.rankers.ranker import Request, request_key
from dualview.trainer.query_template import DEFAULT_TEMPLATE

# Columns of a dual-view dataset that figures are made of.
_COLUMNS = tuple(column for column in NEEDED_COLUMNS if column not in ("lever", "style"))
# Columns by which rows of the other configs of such a dataset are known.
_OTHER_CONFIGS = {"anchor": "triplets", "positives": "plain"}
_LOAD = "load_dataset(NAME, 'dual_view', split='test')"


@dataclass(frozen=True)
class CandidateSets:
    """Candidate sets, their queries by id, and the texts of all documents by id.

    :param template: how the data's training joined query and instruction.
    :param notes: what was left out of the data or found odd.
    """

    sets: list[EvaluationSet]
    queries: dict[str, EvaluationQuery]
    documents: dict[str, str]
    template: str = DEFAULT_TEMPLATE
    name: str = ""
    split: str = ""
    notes: tuple[str, ...] = ()

    def requests(self) -> list[Request]:
        """Ask for the rankings that figures are made of.

        Each view ranks its query's candidates and all documents, each bare query all documents.
        """
        return [request for request, _ in asked_rankings(self.sets, self.queries)]

    def judged_rankings(self) -> list[JudgedRanking]:
        """List the same rankings with their judgements.

        Under an instruction, the set's other passages are judged not relevant. Passages of the query that are
        in none of the set's views have no judgement: an instruction that only excludes leaves several of them
        relevant.
        """
        return [judged for _, judged in asked_rankings(self.sets, self.queries)]

    def outcomes(self, run: Run) -> list[SetOutcome]:
        """Compare a run's rankings of each set's views.

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
        if all(corpus_key(key) in run for one in self.sets for key in view_keys(one)):
            for one in self.sets:
                self._add_instructed(results[one.source], one, run)
        for query_id, query in self.queries.items():
            if query.text:
                ranked = ranking(scores_of(run, request_key(query_id)))
                value = ndcg(ranked, dict.fromkeys(query.answers, 1))
                results.setdefault(query.source, Figures()).add("bare_query_ndcg_at_10", query_id, value)
        return results

    def _add_instructed(self, figures: Figures, one: EvaluationSet, run: Run) -> None:
        """Search each view's document among all but the unjudged ones of its query."""
        unjudged = set(unjudged_documents(one, self.queries[one.query_id]))
        for key, view in zip(view_keys(one), one.views, strict=True):
            ranked = [docid for docid in ranking(run[corpus_key(key)]) if docid not in unjudged]
            figures.add("instructed_ndcg_at_10", one.query_id, ndcg(ranked, {view.positive: 1}, CUT))

    def chances(self) -> dict[tuple[str, str], float]:
        """Return what guessing gives, by source and figure: m views of m passages, once in m to the m."""
        chances: dict[tuple[str, str], list[float]] = {}
        for one in self.sets:
            passages = len(set(one.positives))
            chances.setdefault((one.source, "flip_accuracy"), []).append(passages ** -len(one.views))
            chances.setdefault((one.source, "view_accuracy"), []).extend([1 / passages] * len(one.views))
        return {key: float(np.mean(values)) for key, values in chances.items()}

    def counts(self) -> dict[str, str]:
        """Count the sets of each source and their instructions: "180 sets of 3 instructions"."""
        views: dict[str, list[int]] = {}
        for one in self.sets:
            views.setdefault(one.source, []).append(len(one.views))
        return {source: _count(sizes) for source, sizes in views.items()}


def benchmark_from_rows(
    rows: Iterable[Mapping[str, Any]], template: str = DEFAULT_TEMPLATE, name: str = "", split: str = ""
) -> CandidateSets:
    """Gather the candidate sets of a split.

    :param rows: rows of the config ``dual_view`` of a dataset, such as
        ``load_dataset("org/dualview-ifir", split="validation")``.
    :param template: how query and instruction are joined; that of the model's training.
    :raises InputError: if these are no such rows, or there are none.
    """
    sets: dict[str, EvaluationSet] = {}
    queries: dict[str, EvaluationQuery] = {}
    documents: dict[str, str] = {}
    for row in _checked(rows):
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
    if not sets:
        raise InputError("the rows of the dataset are empty; give a split that has rows")
    return CandidateSets(list(sets.values()), queries, documents, template, name, split)


def _checked(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Check that rows are those of the config ``dual_view``.

    :raises InputError: otherwise, with what they are instead where that is known.
    """
    if isinstance(rows, (str, Path)) or not isinstance(rows, Iterable):
        raise InputError(f"the rows of a dataset are wanted, not {rows!r:.80}; {_LOAD}")
    if isinstance(rows, Mapping):
        raise InputError(f"these are the splits {', '.join(map(str, rows))}; give the rows of one: {_LOAD}")
    for row in rows:
        if not isinstance(row, Mapping):
            raise InputError(f"the rows of a dataset are wanted, not {row!r:.80}; {_LOAD}")
        if missing := [column for column in _COLUMNS if column not in row]:
            other = next((config for column, config in _OTHER_CONFIGS.items() if column in row), None)
            what = f"these are rows of the config {other!r}" if other else f"they lack {missing[0]!r}"
            raise InputError(f"rows of a dual-view dataset are wanted; {what}: {_LOAD}")
        for column in ("positive", "reversed_positive"):
            if not isinstance(row[column], Mapping):
                raise InputError(
                    f"rows of a dual-view dataset are wanted; their column {column!r} holds no passage with "
                    f"docid, title and text: {_LOAD}"
                )
        yield row


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
