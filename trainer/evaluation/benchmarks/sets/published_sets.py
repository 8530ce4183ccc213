"""Candidate sets of a published dual-view dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.trainer.data.candidate_rows import NEEDED_COLUMNS, passage_text
from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import (
    EvaluationQuery,
    EvaluationSet,
    EvaluationView,
)
from dualview.trainer.query_template import DEFAULT_TEMPLATE

# Columns of a dual-view dataset that figures are made of.
_COLUMNS = tuple(column for column in NEEDED_COLUMNS if column not in ("lever", "style"))
# Columns by which rows of the other configs of such a dataset are known.
_OTHER_CONFIGS = {"anchor": "triplets", "positives": "plain"}
#: Columns that say of which kind an instruction is; older datasets lack them.
KIND_COLUMNS = ("kind", "reversed_kind")
_LOAD = "load_dataset(NAME, 'dual_view', split='test')"


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
    corpora: dict[str, dict[str, None]] = {}
    for row in _checked(rows):
        query = queries.setdefault(row["query_id"], EvaluationQuery(row["query"], row["source"]))
        corpus = corpora.setdefault(_corpus_name(row["source"]), {})
        for passage in (row["positive"], row["reversed_positive"], *row["other_instruction_negatives"]):
            documents[passage["docid"]] = passage_text(passage)
            query.answers[passage["docid"]] = corpus[passage["docid"]] = None
        for passage in row["hard_negatives"]:
            documents[passage["docid"]] = passage_text(passage)
            query.hard_negatives[passage["docid"]] = corpus[passage["docid"]] = None
        one = sets.setdefault(
            row["set_id"], EvaluationSet(row["set_id"], row["query_id"], row["query"], row["source"])
        )
        for view in _views(row):
            one.add(view)
    if not sets:
        raise InputError("the rows of the dataset are empty; give a split that has rows")
    of_name = {name: tuple(corpus) for name, corpus in corpora.items()}
    of_source = {one.source: of_name[_corpus_name(one.source)] for one in sets.values()}
    return CandidateSets(list(sets.values()), queries, documents, template, name, split, corpora=of_source)


def _corpus_name(source: str) -> str:
    """Name the corpus of a source: further views of a source's passages look for them where that does."""
    return source.removesuffix("-views")


def _views(row: Mapping[str, Any]) -> tuple[EvaluationView, EvaluationView]:
    """Return the original view and the reversed one; each rules out the other's passage and the rest."""
    wanted, reversed_wanted = row["positive"]["docid"], row["reversed_positive"]["docid"]
    others = [passage["docid"] for passage in row["other_instruction_negatives"]]
    original = EvaluationView(
        row["instruction"],
        wanted,
        style=row.get("style") or "",
        rejects=_without(wanted, [reversed_wanted, *others]),
        kind=row.get("kind") or "",
    )
    reversed_view = EvaluationView(
        row["reversed_instruction"],
        reversed_wanted,
        lever=row.get("lever") or "",
        rejects=_without(reversed_wanted, [wanted, *others]),
        kind=row.get("reversed_kind") or "",
    )
    return original, reversed_view


def _without(wanted: str, docids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(docid for docid in docids if docid != wanted))


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
