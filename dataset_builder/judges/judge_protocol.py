"""Protocols of the judges: they decide whether the labels of a view pair really swap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from dualview.dataset_builder.schema import Passage, ViewPair


@dataclass(frozen=True)
class Judgement:
    """The judgement of one view pair.

    :param accepted: whether the pair is published in ``dual_view``; otherwise it goes to ``rejected``.
    :param judge: the judge's name, for the column ``checks``.
    :param p_original: probabilities that a passage is relevant under the original instruction: of positive
        and reversed positive, then of the other instruction negatives and of as many hard negatives as were
        judged, in the order of the row.
    :param p_reversed: the same under the reversal.
    :param reason: the reason of a refusal, one word in snake case.
    :param hard_negatives: those that are published; None for all of the pair. A judge leaves out those that
        one of the instructions makes relevant.
    """

    accepted: bool
    judge: str
    p_original: tuple[float, ...] = ()
    p_reversed: tuple[float, ...] = ()
    reason: str = ""
    detail: str = ""
    hard_negatives: tuple[Passage, ...] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the column ``checks`` of a row."""
        return {
            "judge": self.judge,
            "p_original": list(self.p_original) or None,
            "p_reversed": list(self.p_reversed) or None,
        }


class PairJudge(Protocol):
    """Judges view pairs that have passed the rules."""

    name: str

    def judge(self, pairs: Sequence[ViewPair]) -> Sequence[Judgement]:
        """One judgement a pair, in order; the pairs are those of one item, or of several."""
        ...


@runtime_checkable
class AsyncPairJudge(Protocol):
    """Judges by asking elsewhere; the pairs of several items wait for their answers at once.

    :ivar concurrency: number of items that may wait at once.
    """

    name: str
    concurrency: int

    async def judge_async(self, pairs: Sequence[ViewPair]) -> Sequence[Judgement]:
        """One judgement a pair, in order."""
        ...

    async def close(self) -> None:
        """Give back connections; called once, also after an error or Ctrl-C."""
        ...


AnyJudge: TypeAlias = PairJudge | AsyncPairJudge


class JudgeSettings(Protocol):
    """All that one judge needs, as data that can be sent to another machine."""

    def make(self) -> AnyJudge:
        """Make the judge.

        :raises InputError: if it cannot be loaded or reached.
        """
        ...
