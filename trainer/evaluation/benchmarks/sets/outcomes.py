"""Outcome of a ranking on one candidate set: the views it got right, and the ranks that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import EvaluationSet, EvaluationView
from dualview.trainer.evaluation.metrics import CorpusPlace, Scores, rank_change, ranks_of, view_is_right


@dataclass(frozen=True)
class Flip:
    """Change of ranks from the original instruction to a reversed one, in the query's candidate list.

    :param lost_ranks: rank of the document that lost its relevance, under the original and the reversed one.
    :param gained_ranks: the same of the document that gained it.
    """

    lost_ranks: tuple[int, int]
    gained_ranks: tuple[int, int]

    @property
    def p_mrr(self) -> float:
        """Return the lost document's part of p-MRR."""
        return float(rank_change(*self.lost_ranks))

    @property
    def p_mrr_gained(self) -> float:
        """Return the gained document's part of the mirror image of p-MRR."""
        return float(rank_change(*reversed(self.gained_ranks)))


@dataclass(frozen=True)
class ViewOutcome:
    """Outcome of one view.

    :param right: its document is ranked above those that the other views want.
    :param margin: its document's score minus the best of theirs; None if one of them has no score.
    :param rank: of its document in the candidate list.
    :param flip: the change from the original view; None for the original one.
    :param place: of its document among all documents of the source; None where those were not ranked.
    """

    view: EvaluationView
    right: bool
    margin: float | None
    rank: int
    flip: Flip | None
    place: CorpusPlace | None = None


@dataclass(frozen=True)
class SetOutcome:
    """Outcome of one set."""

    candidate_set: EvaluationSet
    views: tuple[ViewOutcome, ...]

    @property
    def all_right(self) -> bool:
        """Tell whether every view is right."""
        return all(view.right for view in self.views)


def outcome_of_set(
    one: EvaluationSet, runs: Sequence[Scores], places: Sequence[CorpusPlace] = ()
) -> SetOutcome:
    """Compare the rankings of a set's views.

    :param runs: scores of the query's candidates, one for each view.
    :param places: of each view's document among all of the source; empty where those were not ranked.
    """
    wanted = list(dict.fromkeys(one.positives))
    ranks = [dict(zip(wanted, ranks_of(scores, wanted).tolist(), strict=True)) for scores in runs]
    outcomes = []
    for number, (view, scores) in enumerate(zip(one.views, runs, strict=True)):
        rivals = [docid for docid in wanted if docid != view.positive]
        known = rivals and all(docid in scores for docid in wanted)
        lost, gained = one.views[0].positive, view.positive
        outcomes.append(
            ViewOutcome(
                view,
                right=view_is_right(scores, view.positive, rivals),
                margin=scores[view.positive] - max(scores[docid] for docid in rivals) if known else None,
                rank=ranks[number][view.positive],
                flip=Flip(
                    (ranks[0][lost], ranks[number][lost]),
                    (ranks[0][gained], ranks[number][gained]),
                )
                if number and lost != gained
                else None,
                place=places[number] if places else None,
            )
        )
    return SetOutcome(one, tuple(outcomes))
