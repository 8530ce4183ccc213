"""Place of a wanted document among all of a corpus: right first, violating first, reciprocal rank."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dualview.trainer.evaluation.metrics.ranks import Scores, ranking

#: Ranks that count in the mean reciprocal rank.
MRR_CUT = 100


@dataclass(frozen=True)
class CorpusPlace:
    """Place of the document that an instruction wants, among all documents of a corpus.

    :param rank: 1-based; None where it is not among the first :data:`MRR_CUT`.
    :param violating_first: the first document is one that the instruction rules out.
    """

    rank: int | None
    violating_first: bool

    @property
    def right_first(self) -> bool:
        """Tell whether the wanted document is the first."""
        return self.rank == 1

    @property
    def reciprocal_rank(self) -> float:
        """Return 1 / rank, or 0 beyond the first :data:`MRR_CUT`."""
        return 0.0 if self.rank is None else 1 / self.rank


def place_in_corpus(
    scores: Scores, wanted: str, rejects: Collection[str] = (), left_out: Collection[str] = ()
) -> CorpusPlace:
    """Find the wanted document in a ranking, without the documents that have no judgement.

    :param scores: at least the first :data:`MRR_CUT` of the corpus, and as many more as are left out.
    :param rejects: documents that the instruction rules out.
    :param left_out: documents that may well be relevant: they are taken out of the ranking.
    :raises InvalidScoreError: if a score is NaN.
    """
    unjudged = set(left_out)
    ranked = [docid for docid in ranking(scores) if docid not in unjudged][:MRR_CUT]
    rank = ranked.index(wanted) + 1 if wanted in ranked else None
    return CorpusPlace(rank, violating_first=bool(ranked) and ranked[0] in set(rejects))
