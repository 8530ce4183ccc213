"""Results for the examples: recorded ones that come with the Space, replaced by those computed here."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from flip.engine.compare import Comparison
from flip.results.opening import Opening, choose_opening, failures
from flip.results.outcomes import Outcome, Tally, outcome_of, tally
from flip.types import Example

#: Examples of a large dataset that are computed for the scoreboard, so that it is there within a minute.
MAX_SCORED = 150


class Results:
    """Results by example. Thread-safe.

    Counts never mix the two origins: they are those of the recording until every example was computed here.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        recorded: Mapping[str, Comparison],
        reranker: int | None = None,
        command: str = "",
    ) -> None:
        """Start with the recorded results.

        :param recorded: by set id; those of other examples are ignored.
        :param reranker: recorded examples whose instructions a reranker obeys.
        :param command: what recorded them.
        """
        self.scored = examples[:MAX_SCORED]
        ids = {example.set_id for example in examples}
        self._recorded = {name: one for name, one in recorded.items() if name in ids}
        self._reranker = reranker
        self.command = command
        self._live: dict[str, Comparison] = {}
        self._lock = threading.Lock()
        #: Why nothing can be computed here, as a sentence; empty if nothing is known to be wrong.
        self.trouble = ""

    def get(self, example: Example) -> Comparison | None:
        """Return the result computed here, else the recorded one, else None."""
        with self._lock:
            return self._live.get(example.set_id) or self._recorded.get(example.set_id)

    def keep(self, comparison: Comparison) -> None:
        """Keep a result of an example that was computed here."""
        with self._lock:
            self._live[comparison.example.set_id] = comparison

    def all(self) -> list[Comparison]:
        """Return one result per counted example: all computed here, or all recorded, or none."""
        with self._lock:
            for found in (self._live, self._recorded):
                if found and all(example.set_id in found for example in self.scored):
                    return [found[example.set_id] for example in self.scored]
        return []

    def tally(self) -> Tally | None:
        """Count the outcomes; None until every example was computed."""
        found = self.all()
        return tally(found, self._reranker if found and found[0].is_recorded else None)

    def outcomes(self) -> dict[str, Outcome]:
        """Return the outcome of each counted example by set id."""
        told = {one.example.set_id: outcome_of(one) for one in self.all()}
        return {name: outcome for name, outcome in told.items() if outcome is not None}

    def opening(self) -> Opening | None:
        """Choose the example to open on; None until every example was computed."""
        found = self.all()
        return choose_opening(found) if found else None

    def failures(self) -> list[Example]:
        """Return the counted examples that the trained model gets wrong."""
        return [one.example for one in failures(self.all())]
