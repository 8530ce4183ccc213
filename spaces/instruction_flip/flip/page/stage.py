"""The resources of a server, and the stage: values for all components above the tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import gradio as gr

from flip.engine.compare import Comparison, TextEncoder, compare
from flip.engine.corpus import Corpus
from flip.engine.pool import ModelPool
from flip.html.panels import rankings_html
from flip.html.view import LOADING, Links, note_html, query_html, status_html
from flip.html.words import computed, origin
from flip.page.link import write_link
from flip.results.kept import Results
from flip.results.opening import Opening, choose_opening
from flip.types import NEUTRAL, Example

#: Comparison, index of the current view, query, switch, flip button, rankings, note.
Stage = tuple[Comparison | None, int, str, Any, Any, str, str]
#: Number of values in a stage.
STAGE_SIZE = 7
#: Examples among which the opening one is searched if nothing is recorded, so that it soon is there.
OPENING_SEARCH = 24


@dataclass(frozen=True)
class Workbench:
    """Examples, models, results and corpus of one server.

    :param provenance: the origin of the examples, in words.
    """

    examples: Sequence[Example]
    pool: ModelPool
    results: Results
    corpus: Corpus
    provenance: str
    links: Links = field(default_factory=Links)

    def example(self, set_id: str | None) -> Example | None:
        """Return the example with this id; None if there is none."""
        return next((example for example in self.examples if example.set_id == set_id), None)

    def known(self, example: Example, second: str) -> Comparison | None:
        """Return what is recorded or was computed for the trained model; None for other models and text."""
        return None if second or example.kind != "example" else self.results.get(example)

    def run(self, example: Example, second: str | None, progress: gr.Progress | None = None) -> Comparison:
        """Rank an example with the base and the second model.

        :raises FlipError: if a model is missing, does not load, or returns values that are not finite.
        """

        def show(encoder: TextEncoder, done: int, total: int) -> None:
            if progress is not None:
                progress((done, total), desc=f"{encoder.role}: encoding new passages", unit="passages")

        encoder = self.pool.second(second)
        found = compare(example, self.pool.base, encoder, show)
        if example.kind == "own":
            return replace(found, **self._cuts(example, encoder))
        if example.kind == "example" and encoder is self.pool.trained:
            self.results.keep(found)
        return found

    def _cuts(self, example: Example, encoder: Any) -> dict[str, Any]:  # noqa: ANN401 - an Encoder
        """Return where one of the models stops reading a passage."""
        read = [model.cuts([one.joined for one in example.passages]) for model in (self.pool.base, encoder)]
        tokens, ends = min(read, key=lambda one: one[0] or float("inf"))
        cuts = {one.docid: end for one, end in zip(example.passages, ends, strict=True) if end is not None}
        return {"cuts": cuts, "tokens": tokens}

    def opening(self) -> Opening:
        """Find the example to open on by running both models.

        :raises FlipError: as ``run``.
        """
        return choose_opening([self.run(example, None) for example in self.examples[:OPENING_SEARCH]])

    def stage(self, comparison: Comparison, view: int | None = None, notes: Sequence[str] = ()) -> Stage:
        """Return the stage for one view of a comparison.

        :param view: by default, the one to begin with.
        :param notes: lines to show before the origin of the passages.
        """
        example = comparison.example
        at = comparison.start if view is None else min(max(view, NEUTRAL), len(example.views) - 1)
        options = [("No instruction", NEUTRAL)]
        options += [(shown.instruction, index) for index, shown in enumerate(example.views)]
        link = write_link(comparison, at)
        return (
            comparison,
            at,
            query_html(example),
            gr.Radio(choices=options, value=at),
            gr.Button(interactive=True),
            rankings_html(comparison, None, at, link),
            self.note(comparison, at, notes),
        )

    def note(self, comparison: Comparison, view: int, notes: Sequence[str] = ()) -> str:
        """Return the notes below the rankings of a comparison."""
        lines = [
            *notes,
            computed(comparison, self.results.trouble, self.results.command),
            origin(comparison, self.provenance),
        ]
        if comparison.tokens:
            count = len(comparison.cuts)
            cut = f"longer ones, marked “cut”: {count}" if count else "none of yours is longer"
            lines.insert(0, f"The models read the first {comparison.tokens} tokens of a passage; {cut}.")
        has_failures = comparison.example.kind == "example" and bool(self.results.failures())
        return note_html(lines, write_link(comparison, view), self.links.address, has_failures=has_failures)

    def empty_stage(self, message: str = "") -> Stage:
        """Return a stage without a ranking, whose instructions cannot be flipped.

        :param message: what is wrong; empty while the models are being loaded.
        """
        shown = status_html(message) if message else LOADING
        return None, 0, "", gr.Radio(choices=[], value=None), gr.Button(interactive=False), shown, ""
