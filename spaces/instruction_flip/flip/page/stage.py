"""The resources of a server, and the stage: values for all components above the tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from flip.engine.compare import Comparison, OpeningCache, TextEncoder, compare
from flip.engine.corpus import Corpus
from flip.engine.pool import ModelPool
from flip.page.link import write_link
from flip.page.view import boards_html, note_html, query_html, rankings_html, status_html, tab_choices
from flip.page.words import origin
from flip.types import Example

#: Comparison, index of the current view, query, switch, boards, tabs, rankings, note.
Stage = tuple[Comparison | None, int, str, Any, str, Any, str, str]
#: Number of values in a stage.
STAGE_SIZE = 8


@dataclass(frozen=True)
class Workbench:
    """Examples, models and corpus of one server.

    :param provenance: the origin of the examples, in words.
    :param address: the page's address for links that are copied; empty for the one in the browser.
    """

    examples: Sequence[Example]
    pool: ModelPool
    opening: OpeningCache
    corpus: Corpus
    provenance: str
    address: str = ""

    def example(self, set_id: str | None) -> Example | None:
        """Return the example with this id; None if there is none."""
        return next((example for example in self.examples if example.set_id == set_id), None)

    def run(self, example: Example, second: str | None, progress: gr.Progress | None = None) -> Comparison:
        """Rank an example with the base and the second model.

        :raises FlipError: if a model is missing, does not load, or returns values that are not finite.
        """

        def show(encoder: TextEncoder, done: int, total: int) -> None:
            if progress is not None:
                progress((done, total), desc=f"{encoder.role}: encoding new passages", unit="passages")

        return compare(example, self.pool.base, self.pool.second(second), show)

    def stage(self, comparison: Comparison, view: int = 0, notes: Sequence[str] = ()) -> Stage:
        """Return the stage for one view of a comparison.

        :param notes: lines to show before the origin of the passages.
        """
        example = comparison.example
        options = [(shown.instruction, index) for index, shown in enumerate(example.views)]
        link = write_link(comparison, view)
        return (
            comparison,
            view,
            query_html(example),
            gr.Radio(choices=options, value=view),
            boards_html(comparison, view),
            gr.Radio(choices=tab_choices(comparison)),
            rankings_html(comparison, None, view, link),
            note_html([*notes, origin(comparison, self.provenance)], link, self.address),
        )

    def failed_stage(self, message: str) -> Stage:
        """Return a stage that shows only an error message."""
        return None, 0, "", gr.Radio(choices=[], value=None), "", gr.skip(), status_html(message), ""
