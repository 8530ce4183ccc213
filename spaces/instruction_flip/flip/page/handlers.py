"""Event handlers of the stage: open, choose, flip, and change the second model."""

from __future__ import annotations

import random
from typing import Any

import gradio as gr

from flip.engine.compare import Comparison
from flip.page.gallery import PAGE, gallery_html, matching
from flip.page.link import Link, read_link, write_link
from flip.page.stage import STAGE_SIZE, Stage, Workbench
from flip.page.view import boards_html, message_html, rankings_html
from flip.page.words import chosen_because
from flip.text.inputs import make_example
from flip.types import Example, FlipError

STALE = "This page is older than the server. Reload it."
#: The stage, the reference of the second model, and the text in its field.
Opened = tuple[Any, ...]
#: An unchanged stage.
KEEP = (gr.skip(),) * STAGE_SIZE


class StageHandlers:
    """Handlers of the components above the tabs, of the gallery, and of the second model."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def open(self, fragment: str | None, progress: gr.Progress = gr.Progress()) -> Opened:  # noqa: B008
        """Show the state in the link, or the opening example if there is no link.

        :param fragment: the part of the address after the ``#``.
        """
        notes = []
        try:
            link = read_link(fragment)
            if link is not None:
                return self._follow(link, progress)
        except FlipError as error:
            notes = [f"The link could not be followed. {error.sentence}"]
        try:
            opening = self._bench.opening.get()
        except FlipError as error:
            return *self._bench.failed_stage(error.sentence), "", None
        notes.append(chosen_because(opening, len(self._bench.examples)))
        return *self._bench.stage(opening.comparison, notes=notes), "", None

    def _follow(self, link: Link, progress: gr.Progress) -> Opened:
        example, notes, pool = self._linked_example(link), [], self._bench.pool
        if link.base and link.base != pool.base.linked_as:
            notes.append(
                f"The link was made with the base model {link.base}; this page uses {pool.base.name}."
            )
        wanted = link.model
        if wanted and not pool.knows(wanted):
            # A link alone must not start a download: the name is filled in, and the user has to click.
            notes.append(
                f"The link was made with the model {wanted}, which is not in use here. "
                "You can choose it under “Another model”."
            )
            second: str = ""
            named: str | None = wanted
        else:
            second = "" if pool.second(wanted) is pool.trained else wanted
            named = second or None
        comparison = self._bench.run(example, second, progress)
        view = min(link.view, len(comparison.example.views) - 1)
        return *self._bench.stage(comparison, view, notes), second, named

    def _linked_example(self, link: Link) -> Example:
        if link.example:
            example = self._bench.example(link.example)
            if example is None:
                raise FlipError(f"this page has no example {link.example!r}")
            return example
        if link.is_search:
            return self._bench.corpus.ask(link.query, *link.instructions)
        return make_example(link.query, *link.instructions, link.texts, *link.wanted)

    def choose(
        self,
        second: str,
        event: gr.EventData,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Stage:
        """Rank the example whose card was clicked."""
        example = self._bench.example(str(getattr(event, "example", "")))
        if example is None:
            raise gr.Error(STALE, print_exception=False)
        return self._run(example, second, progress)

    def surprise(
        self,
        domain: str | None,
        lever: str | None,
        words: str | None,
        current: Comparison | None,
        second: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Stage:
        """Rank a random example that matches the filters, different from the current one if possible."""
        found = matching(self._bench.examples, domain, lever, words) or self._bench.examples
        others = [example for example in found if current is None or example != current.example]
        return self._run(random.choice(others or found), second, progress)

    def narrow(self, domain: str | None, lever: str | None, words: str | None) -> str:
        """Return the gallery for the filters."""
        return gallery_html(matching(self._bench.examples, domain, lever, words))

    def more(self, domain: str | None, lever: str | None, words: str | None, event: gr.EventData) -> str:
        """Return the gallery with more cards."""
        limit = str(getattr(event, "limit", ""))
        shown = max(PAGE, int(limit)) if limit.isascii() and limit.isdigit() and len(limit) < 6 else PAGE
        return gallery_html(matching(self._bench.examples, domain, lever, words), shown)

    def flip(self, current: Comparison | None, shown: int) -> tuple[int, int, str, str]:
        """Show the next view.

        :return: view for the switch, current view, boards, rankings.
        """
        if current is None:
            raise gr.Error(STALE, print_exception=False)
        following = (shown + 1) % len(current.example.views)
        return following, *self.turn_to(current, shown, following)

    def turn_to(self, current: Comparison | None, shown: int, chosen: int | None) -> tuple[int, str, str]:
        """Show the chosen view.

        :return: current view, boards, rankings.
        """
        if current is None or chosen is None or not 0 <= chosen < len(current.example.views):
            raise gr.Error(STALE, print_exception=False)
        link = write_link(current, chosen)
        return chosen, boards_html(current, chosen), rankings_html(current, shown, chosen, link)

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

    def _run(self, example: Example, second: str, progress: gr.Progress) -> Stage:
        try:
            return self._bench.stage(self._bench.run(example, second, progress))
        except FlipError as error:
            raise gr.Error(error.sentence, print_exception=False) from error
