"""Event handlers of the scoreboard and the gallery: filters, more cards, and a random example."""

from __future__ import annotations

import random
from typing import Any

import gradio as gr

from flip.engine.compare import Comparison
from flip.html.gallery import PAGE, gallery_html, matching, outcome_choices
from flip.html.scoreboard import scoreboard_html
from flip.page.handlers import StageHandlers
from flip.page.stage import Workbench
from flip.results.outcomes import OUTCOMES
from flip.text.examples import ALL


class GalleryHandlers:
    """Handlers that choose among the examples."""

    def __init__(self, bench: Workbench, stage: StageHandlers) -> None:
        self._bench, self._stage = bench, stage

    def fill(self) -> tuple[str, Any, str]:
        """Return scoreboard, choices of outcomes, and cards, from the results that are there by now."""
        outcomes = self._bench.results.outcomes()
        found = matching(self._bench.examples, outcomes, None)
        choices = outcome_choices(outcomes, len(self._bench.examples))
        return (
            scoreboard_html(self._bench.results.tally()),
            gr.Radio(choices=choices, value=ALL),
            gallery_html(found, outcomes),
        )

    def narrow(self, outcome: str | None, subject: str | None, words: str | None) -> str:
        """Return the gallery for the filters."""
        outcomes = self._bench.results.outcomes()
        return gallery_html(matching(self._bench.examples, outcomes, outcome, subject, words), outcomes)

    def more(self, outcome: str | None, subject: str | None, words: str | None, event: gr.EventData) -> str:
        """Return the gallery with more cards."""
        limit = str(getattr(event, "limit", ""))
        shown = max(PAGE, int(limit)) if limit.isascii() and limit.isdigit() and len(limit) < 6 else PAGE
        outcomes = self._bench.results.outcomes()
        found = matching(self._bench.examples, outcomes, outcome, subject, words)
        return gallery_html(found, outcomes, shown)

    def count(self, event: gr.EventData) -> tuple[str, str, str, str, Any]:
        """Filter by the outcome whose count was clicked.

        :return: outcome, subject, words, gallery, and the tab to show.
        """
        asked = str(getattr(event, "outcome", ""))
        outcome = asked if asked in OUTCOMES else ALL
        return outcome, ALL, "", self.narrow(outcome, ALL, ""), gr.Tabs(selected="examples")

    def surprise(
        self,
        outcome: str | None,
        subject: str | None,
        words: str | None,
        current: Comparison | None,
        second: str,
    ) -> tuple[Any, ...]:
        """Show a random example that matches the filters, different from the current one if possible."""
        outcomes = self._bench.results.outcomes()
        found = matching(self._bench.examples, outcomes, outcome, subject, words) or self._bench.examples
        others = [one for one in found if current is None or one.set_id != current.example.set_id]
        return self._stage.show(random.choice(others or found), second)
