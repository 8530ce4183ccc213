"""Protocol of benchmarks: requests for rankings, and the figures of a run that answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from dualview.trainer.evaluation.benchmarks.judged_rankings import JudgedRanking
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import Run
from dualview.trainer.evaluation.rankers.ranker import Request


class Benchmark(Protocol):
    """Requests for rankings, and the figures of a run that answers them.

    The subsets of a benchmark are the parts that are shown apart; an empty string is the whole.
    """

    @property
    def name(self) -> str:
        """The benchmark's name in tables."""
        ...

    @property
    def split(self) -> str:
        """The split, or an empty string."""
        ...

    @property
    def documents(self) -> Mapping[str, str]:
        """Texts of all documents by id."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """Sentences with counts, on what was left out of the data or is odd."""
        ...

    def requests(self) -> list[Request]:
        """List the rankings that it needs."""
        ...

    def judged_rankings(self) -> list[JudgedRanking]:
        """List the same rankings with their judgements."""
        ...

    def figures(self, run: Run) -> dict[str, Figures]:
        """Compute the figures of each subset.

        :raises MissingQueryError: if the run lacks a request.
        """
        ...

    def chances(self) -> dict[tuple[str, str], float]:
        """Return what guessing gives, by subset and figure, where that means something."""
        ...

    def counts(self) -> dict[str, str]:
        """Describe what was counted, by subset, in words."""
        ...
