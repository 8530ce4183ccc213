"""Event handlers that let the models rank what is shown, and put their result in its place if it differs.

``compute`` may wait for the models; ``swap`` does not, and sees what the visitor shows by then.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from flip.engine.compare import Comparison
from flip.html.view import status_html
from flip.html.words import chosen_because
from flip.page.asked import KEEP, Asked, Fresh
from flip.page.stage import Workbench
from flip.types import FlipError


class FreshHandlers:
    """Handlers that follow whatever shows an example."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def compute(
        self,
        asked: Asked | None,
        current: Comparison | None,
        shown: int,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, Any, Any]:
        """Let the models rank what was asked for.

        :return: what they ranked; rankings and note, changed only to say why there is none.
        """
        if asked is None:
            return None, gr.skip(), gr.skip()
        try:
            if asked.example is None:
                opening = self._bench.opening()
                notes = (*asked.notes, chosen_because(opening))
                return Fresh(opening.comparison, Asked(None, notes=notes)), gr.skip(), gr.skip()
            comparison = self._bench.run(asked.example, asked.second, progress)
        except FlipError as error:
            if current is None:
                return None, status_html(error.sentence), gr.skip()
            self._bench.results.trouble = error.sentence
            return None, gr.skip(), self._bench.note(current, shown, asked.notes)
        return Fresh(comparison, asked), gr.skip(), gr.skip()

    def swap(self, fresh: Fresh | None, current: Comparison | None, shown: int) -> tuple[Any, ...]:
        """Put what the models ranked in the place of what is shown, if the visitor still looks at it."""
        if fresh is None:
            return KEEP
        if current is None:
            return self._bench.stage(fresh.comparison, fresh.asked.view, fresh.asked.notes)
        if not current.is_recorded or current.example != fresh.comparison.example:
            return KEEP
        if _same_order(current, fresh.comparison):
            note = self._bench.note(fresh.comparison, shown, fresh.asked.notes)
            return fresh.comparison, *KEEP[1:-1], note
        return self._bench.stage(fresh.comparison, shown, fresh.asked.notes)


def _same_order(one: Comparison, other: Comparison) -> bool:
    """Check that both show the same names and orders."""
    return all(
        (before.name, before.neutral.docids, [ranking.docids for ranking in before.rankings])
        == (after.name, after.neutral.docids, [ranking.docids for ranking in after.rankings])
        for before, after in ((one.base, other.base), (one.trained, other.trained))
    )
