"""InfoSearch's figures (arXiv 2410.23841), over three runs: original query, instructed, reversed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from dualview.trainer.evaluation.metrics.ranks import (
    Run,
    Scores,
    check_ranked,
    documents_of,
    p_mrr_by_query,
    ranks_of,
    scores_of,
)

#: Ranks beyond this earn next to nothing in WISE.
WISE_DEPTH = 20


@dataclass(frozen=True)
class ThreeRuns:
    """Scores of the same queries in InfoSearch's three modes."""

    original: Run
    instructed: Run
    reversed: Run

    def of(self, query_id: str) -> tuple[Scores, Scores, Scores]:
        """Take a query's scores in the three modes.

        :raises MissingQueryError: if one of the runs lacks it.
        """
        return (
            scores_of(self.original, query_id, "original run"),
            scores_of(self.instructed, query_id, "instructed run"),
            scores_of(self.reversed, query_id, "reversed run"),
        )


def infosearch_p_mrr_by_query(
    original: Run, instructed: Run, negatives: Mapping[str, Collection[str]]
) -> dict[str, float]:
    """p-MRR as InfoSearch takes it: from the original query to the instructed one.

    FollowIR compares two instructions, so that the two figures cannot be compared: keep their names apart.

    :param negatives: per query, documents relevant to the original query and not under the instruction.
    :raises MissingQueryError: if a query is absent from a run.
    """
    return p_mrr_by_query(original, instructed, negatives)


def sicr_by_query(runs: ThreeRuns, positives: Mapping[str, Collection[str]]) -> dict[str, float]:
    """Strict Instruction Compliance Ratio: share of the gold documents that move as the instructions say.

    A document complies if its rank and its score improve under the instruction and worsen under the reversed
    one. Where it is first already, it must stay first, with a score that is no lower. A document that a
    ranking lacks has no score there, and does not comply.

    :param positives: per query, the gold documents, relevant with and without the instruction; a query
        without any is left out.
    :raises MissingQueryError: if a query is absent from a run.
    """
    values = {}
    for query_id, docids in positives.items():
        scored = runs.of(query_id)
        named = documents_of(docids, query_id)
        if named:
            original, instructed, reversed_ = (ranks_of(scores, named) for scores in scored)
            by_mode = [np.array([scores.get(docid, np.nan) for docid in named]) for scores in scored]
            rises = (instructed < original) & (by_mode[1] > by_mode[0])
            stays_first = (original == 1) & (instructed == 1) & (by_mode[1] >= by_mode[0])
            falls = (original < reversed_) & (by_mode[0] > by_mode[2])
            values[query_id] = float(((rises | stays_first) & falls).mean())
    return values


def wise_by_query(
    runs: ThreeRuns, positives: Mapping[str, Collection[str]], negatives: Mapping[str, Collection[str]]
) -> dict[str, float]:
    """Weighted Instruction Sensitivity Evaluation, in [-1, 1]: what the moves of gold documents earn.

    InfoSearch's published code asks for an original rank *below* the number of positives and negatives where
    the paper, and this, allow the number itself; and it never gives the penalty of -1, since the test for it
    repeats that for the reward.

    :param positives: per query, the gold documents; a query without any is left out.
    :param negatives: per query, documents relevant to the original query and not under the instruction.
    :raises MissingQueryError: if a query is absent from a run.
    """
    values = {}
    for query_id, docids in positives.items():
        scored = runs.of(query_id)
        named = documents_of(docids, query_id)
        if named:
            for scores, mode in zip(scored, ("original run", "instructed run", "reversed run"), strict=True):
                check_ranked(scores, query_id, mode)
            known = len(named) + len(negatives.get(query_id, ()))
            original, instructed, reversed_ = (ranks_of(scores, named).astype(float) for scores in scored)
            values[query_id] = float(_wise(original, instructed, reversed_, known).mean())
    return values


def _wise(original: np.ndarray, instructed: np.ndarray, reversed_: np.ndarray, known: int) -> np.ndarray:
    reward = np.select(
        [(original <= known) & (instructed == 1), original <= WISE_DEPTH],
        [1.0, (1 - (original - instructed) / WISE_DEPTH) / np.sqrt(instructed)],
        default=0.01,
    )
    return np.select(
        [
            (instructed <= original) & (original < reversed_),
            (reversed_ < original) & (original < instructed),
            original <= instructed,
        ],
        [reward, -1.0, (original - instructed) / instructed],
        default=(reversed_ - original) / original,
    )
