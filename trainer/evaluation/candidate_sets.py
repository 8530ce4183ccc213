"""Candidate sets to evaluate on, from the rows of a published dual-view dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trainer.candidate_rows import passage_text
from trainer.instructed import DEFAULT_TEMPLATE, join_instruction


@dataclass(frozen=True)
class EvaluationView:
    """One instruction and the passage it makes relevant."""

    instructed_query: str
    positive: str


@dataclass
class EvaluationSet:
    """The views of one candidate set; the first is the original one, the others are reversed."""

    set_id: str
    query_id: str
    source: str
    lever: str
    views: list[EvaluationView] = field(default_factory=list)

    @property
    def positives(self) -> list[str]:
        """The document ids that the views want, one a view."""
        return [view.positive for view in self.views]


@dataclass
class EvaluationQuery:
    """A bare query, what answers it, and what does not."""

    text: str
    source: str
    answers: dict[str, None] = field(default_factory=dict)
    hard_negatives: dict[str, None] = field(default_factory=dict)

    @property
    def candidates(self) -> list[str]:
        """All documents known for the query: the fixed candidate list of its rankings."""
        return [*self.answers, *self.hard_negatives]


@dataclass(frozen=True)
class Benchmark:
    """Candidate sets, their queries, and the texts of all documents by id."""

    sets: list[EvaluationSet]
    queries: dict[str, EvaluationQuery]
    documents: dict[str, str]


def benchmark_from_rows(rows: Iterable[Mapping[str, Any]], template: str = DEFAULT_TEMPLATE) -> Benchmark:
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
        candidate_set = sets.setdefault(
            row["set_id"], EvaluationSet(row["set_id"], row["query_id"], row["source"], row["lever"])
        )
        for instruction, positive in (
            (row["instruction"], row["positive"]),
            (row["reversed_instruction"], row["reversed_positive"]),
        ):
            view = EvaluationView(join_instruction(row["query"], instruction, template), positive["docid"])
            if view not in candidate_set.views:
                candidate_set.views.append(view)
    return Benchmark(list(sets.values()), queries, documents)
