"""Event handlers of the stage: open, choose, flip, and change the second model.

What is recorded or was computed is shown at once; what the models have to rank goes to ``FreshHandlers``.
"""

from __future__ import annotations

import random
from typing import Any

import gradio as gr

from flip.engine.compare import Comparison
from flip.html.panels import rankings_html
from flip.html.view import message_html
from flip.html.words import chosen_because
from flip.page.asked import KEEP, STALE, Asked
from flip.page.link import Link, read_link, write_link
from flip.page.stage import Workbench
from flip.text.inputs import make_example
from flip.types import NEUTRAL, Example, FlipError


class StageHandlers:
    """Handlers of the components above the tabs, and of the second model."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def open(self, fragment: str | None) -> tuple[Any, ...]:
        """Show the state in the link, or the opening example if there is no link.

        :param fragment: the part of the address after the ``#``.
        :return: stage, what the models have to rank, second model, and the name in its field.
        """
        notes: tuple[str, ...] = ()
        try:
            link = read_link(fragment)
            if link is not None:
                return self._follow(link)
        except FlipError as error:
            notes = (f"The link could not be followed. {error.sentence}",)
        opening = self._bench.results.opening()
        if opening is None:
            return *self._bench.empty_stage(), Asked(None, notes=notes), "", None
        asked = Asked(opening.comparison.example, notes=(*notes, chosen_because(opening)))
        return *self._shown(asked), "", None

    def _follow(self, link: Link) -> tuple[Any, ...]:
        example, notes, pool = self._linked_example(link), [], self._bench.pool
        if link.base and link.base != pool.base.linked_as:
            notes.append(
                f"The link was made with the base model {link.base}; this page uses {pool.base.linked_as}."
            )
        wanted, second = link.model, ""
        named: str | None = None
        if wanted and not pool.knows(wanted):
            # A link alone must not start a download: the name is filled in, and the user has to click.
            notes.append(
                f"The link was made with the model {wanted}, which is not in use here. "
                "You can choose it under “Another model”."
            )
            named = wanted
        elif wanted and pool.second(wanted) is not pool.trained:
            second = named = wanted
        return *self._shown(Asked(example, second, link.view, tuple(notes))), second, named

    def _linked_example(self, link: Link) -> Example:
        if link.example:
            example = self._bench.example(link.example)
            if example is None:
                raise FlipError(f"this page has no example {link.example!r}")
            return example
        if link.is_search:
            return self._bench.corpus.ask(link.query, *link.instructions)
        return make_example(link.query, *link.instructions, link.texts, *link.wanted)

    def show(self, example: Example | None, second: str) -> tuple[Any, ...]:
        """Show an example, recorded if it was.

        :return: stage, and what the models have to rank; None if it was computed here.
        """
        if example is None:
            raise gr.Error(STALE, print_exception=False)
        return self._shown(Asked(example, second))

    def _shown(self, asked: Asked) -> tuple[Any, ...]:
        assert asked.example is not None
        known = self._bench.known(asked.example, asked.second)
        if known is None:
            return *self._bench.empty_stage(), asked
        stage = self._bench.stage(known, asked.view, asked.notes)
        return *stage, asked if known.is_recorded else None

    def choose(self, second: str, event: gr.EventData) -> tuple[Any, ...]:
        """Show the example whose card was clicked."""
        return self.show(self._bench.example(str(getattr(event, "example", ""))), second)

    def fail(self, current: Comparison | None, second: str) -> tuple[Any, ...]:
        """Show another example that the trained model gets wrong."""
        found = self._bench.results.failures()
        others = [one for one in found if current is None or one.set_id != current.example.set_id]
        return self.show(random.choice(others or found or [None]), second)

    def flip(self, current: Comparison | None, shown: int) -> tuple[int, int, str]:
        """Show the next instruction.

        :return: view for the switch, current view, rankings.
        """
        if current is None:
            raise gr.Error(STALE, print_exception=False)
        following = current.start if shown == NEUTRAL else (shown + 1) % len(current.example.views)
        return following, *self.turn_to(current, shown, following)

    def turn_to(self, current: Comparison | None, shown: int, chosen: int | None) -> tuple[int, str]:
        """Show the chosen view.

        :return: current view, rankings.
        """
        if current is None or chosen is None or not NEUTRAL <= chosen < len(current.example.views):
            raise gr.Error(STALE, print_exception=False)
        return chosen, rankings_html(current, shown, chosen, write_link(current, chosen))

    def use_model(
        self,
        reference: str | None,
        current: Comparison | None,
        shown: int,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:
        """Rank the current example with another second model, or the trained one for an empty name.

        :return: the stage, the second model's reference, and a message.
        """
        if current is None:
            return *KEEP, gr.skip(), message_html(STALE, is_error=True)
        try:
            encoder = self._bench.pool.second(reference)
            progress(0, desc=f"Loading {encoder.name}")
            comparison = self._bench.run(current.example, reference, progress)
        except FlipError as error:
            return *KEEP, gr.skip(), message_html(error.sentence, is_error=True)
        second = "" if encoder is self._bench.pool.trained else encoder.linked_as
        message = f"Now comparing {self._bench.pool.base.name} and {encoder.name}."
        return *self._bench.stage(comparison, shown), second, message_html(message)
