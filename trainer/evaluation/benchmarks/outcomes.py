"""What a ranking did with one candidate set: which views it got right, and where the passages moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dualview.trainer.evaluation.metrics import Scores, rank_change, ranks_of, view_is_right


@dataclass(frozen=True)
class EvaluationView:
    """One instruction and the document it makes relevant.

    :param lever: what the reversal turns on; empty for the original view.
    :param style: how the instruction is put, where that is known.
    :param query: where the view has a wording of its own; otherwise empty, and the set's query counts.
    """

    instruction: str
    positive: str
    lever: str = ""
    style: str = ""
    query: str = ""


@dataclass
class EvaluationSet:
    """The views of one candidate set; the first is the original one, the others are reversed."""

    set_id: str
    query_id: str
    query: str
    source: str
    views: list[EvaluationView] = field(default_factory=list)

    @property
    def positives(self) -> list[str]:
        """The document ids that the views want, one a view."""
        return [view.positive for view in self.views]

    def add(self, view: EvaluationView) -> None:
        """Add a view, unless one with its wording and its document is there."""
        same = (view.query, view.instruction, view.positive)
        if all((one.query, one.instruction, one.positive) != same for one in self.views):
            self.views.append(view)


@dataclass(frozen=True)
class Flip:
    """What the change from the original instruction to a reversed one did, in the query's candidate list.

    :param lost_ranks: rank of the document that lost its relevance, under the original and the reversed one.
    :param gained_ranks: the same of the document that gained it.
    """

    lost_ranks: tuple[int, int]
    gained_ranks: tuple[int, int]

    @property
    def p_mrr(self) -> float:
        """The lost document's part of p-MRR."""
        return float(rank_change(*self.lost_ranks))

    @property
    def p_mrr_gained(self) -> float:
        """The gained document's part of the mirror image of p-MRR."""
        return float(rank_change(*reversed(self.gained_ranks)))


@dataclass(frozen=True)
class ViewOutcome:
    """One view's part.

    :param right: whether its document is above those that the other views want.
    :param margin: its document's score minus the best of theirs; None if one of them has no score.
    :param rank: of its document in the candidate list.
    :param flip: the change from the original view; None for the original one.
    """

    view: EvaluationView
    right: bool
    margin: float | None
    rank: int
    flip: Flip | None


@dataclass(frozen=True)
class SetOutcome:
    """What a ranking did with one set."""

    candidate_set: EvaluationSet
    views: tuple[ViewOutcome, ...]

    @property
    def all_right(self) -> bool:
        """Whether every view is right."""
        return all(view.right for view in self.views)


def outcome_of_set(one: EvaluationSet, runs: Sequence[Scores]) -> SetOutcome:
    """Compare the rankings of a set's views.

    :param runs: scores of the query's candidates, one for each view.
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
            )
        )
    return SetOutcome(one, tuple(outcomes))
