"""Figures that fit a task of mteb."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dualview.trainer.evaluation.benchmarks.measures import (
    followir_figures,
    instructir_figures,
    retrieval_figures,
)
from dualview.trainer.evaluation.metrics import (
    SCORE_MEASURES,
    PairedSet,
    Qrels,
    Run,
    paired_accuracy_by_set,
)

if TYPE_CHECKING:
    from mteb.abstasks import AbsTaskRetrieval

_P_MRR = ("p_mrr", "p_mrr_gained")


def is_paired(task: AbsTaskRetrieval) -> bool:
    """Tell whether a task is made of pairs, as NevIR is."""
    return bool(task.metadata.main_score == "paired_accuracy")


def task_figures(task: AbsTaskRetrieval, run: Run, qrels: Qrels) -> dict[str, dict[str, float]]:
    """Compute the figures that fit a task.

    :param qrels: judgements of the task's queries; their ids are the keys of the run.
    :return: figure -> query id -> value.
    :raises MissingQueryError: if the run lacks a query.
    """
    main = task.metadata.main_score
    if main == "p-MRR":
        original, before = _view(run, qrels, "-og")
        changed, after = _view(run, qrels, "-changed")
        return followir_figures(original, changed, before, after, _measure(task))
    if is_paired(task):
        return {"flip_accuracy": paired_accuracy_by_set(run, _pairs(qrels))}
    if main == "robustness_at_10":
        instances: dict[str, list[str]] = {}
        for key in qrels:
            instances.setdefault(key.split("_")[0], []).append(key)
        return instructir_figures(run, qrels, instances)
    return retrieval_figures(run, qrels)


def figures_of_ranking(task: AbsTaskRetrieval, key: str) -> tuple[str, ...]:
    """Name the figures that one ranking counts in."""
    main = task.metadata.main_score
    if main == "p-MRR":
        return (_measure(task), *_P_MRR) if key.endswith("-og") else _P_MRR
    if is_paired(task):
        return ("flip_accuracy",)
    if main == "robustness_at_10":
        return ("ndcg_at_10", "robustness_at_10")
    return ("ndcg_at_10", "map_at_1000", "recall_at_100", "mrr_at_10")


def _measure(task: AbsTaskRetrieval) -> str:
    """Name the figure that FollowIR's Score averages for a dataset."""
    name = task.metadata.name
    return next((m for start, m in SCORE_MEASURES.items() if name.startswith(start)), "map_at_1000")


def _view(run: Run, qrels: Qrels, ending: str) -> tuple[dict[str, Mapping[str, float]], Qrels]:
    """Take the queries of one view, whose ids have an ending, with their judgements."""
    keys = {key.removesuffix(ending): key for key in qrels if key.endswith(ending)}
    ranked = {query_id: run[key] for query_id, key in keys.items() if key in run}
    return ranked, {query_id: qrels[key] for query_id, key in keys.items()}


def _pairs(qrels: Qrels) -> dict[str, PairedSet]:
    """Join NevIR's pairs: the queries ``N_q1`` and ``N_q2``."""
    keys: dict[str, list[str]] = {}
    for key in sorted(qrels):
        keys.setdefault(key.split("_")[0], []).append(key)
    return {
        name: PairedSet(tuple(members), tuple(max(qrels[key], key=qrels[key].__getitem__) for key in members))
        for name, members in keys.items()
    }
