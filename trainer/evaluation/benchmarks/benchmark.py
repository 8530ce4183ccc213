"""What every benchmark offers to those who measure on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import Run
from dualview.trainer.evaluation.rankers.ranker import Request


class Benchmark(Protocol):
    """Requests for rankings, and the figures of a run that answers them.

    The subsets of a benchmark are the parts that are shown apart; an empty string stands for the whole.
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

    def requests(self) -> list[Request]:
        """List the rankings that it needs."""
        ...

    def figures(self, run: Run) -> dict[str, Figures]:
        """Compute the figures of each subset.

        :raises MissingQueryError: if the run lacks a request.
        """
        ...

    def chances(self) -> dict[tuple[str, str], float]:
        """Say what guessing gives, by subset and figure, where that says something."""
        ...

    def counts(self) -> dict[str, str]:
        """Say what was counted, by subset, in words."""
        ...
