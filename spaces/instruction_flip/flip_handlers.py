"""What the page does when someone clicks: each handler takes plain values and returns what to show."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import gradio as gr

from flip_compare import Comparison, OpeningCache, TextEncoder, compare
from flip_examples import choices, matching
from flip_inputs import make_example, split_passages
from flip_types import Example, FlipError
from flip_view import boards_html, note_html, query_html, rankings_html, status_html
from flip_words import chosen_because, origin

STALE = "This page is older than the server. Reload it and choose the example again."
#: Comparison, index of the view shown, query, switch, boards, rankings, note.
Stage = tuple[Comparison | None, int, str, Any, str, str, str]


class Handlers:
    """The page's actions over one pair of models and one list of examples."""

    def __init__(
        self,
        examples: Sequence[Example],
        base: TextEncoder,
        trained: TextEncoder,
        opening: OpeningCache,
        provenance: str,
    ) -> None:
        self._examples = examples
        self._by_id = {example.set_id: example for example in examples}
        self._base, self._trained = base, trained
        self._opening, self._provenance = opening, provenance

    def open(self) -> tuple[Any, ...]:
        """Show the opening example; where a model does not load, say so in its place.

        :return: the stage, then the set id for the example list.
        """
        try:
            opening = self._opening.get()
        except FlipError as error:
            empty = gr.Radio(choices=[], value=None)
            return None, 0, "", empty, "", status_html(f"{error}."), "", None
        comparison = opening.comparison
        note = [chosen_because(opening, len(self._examples)), origin(comparison, self._provenance)]
        return *self._stage(comparison, note), comparison.example.set_id

    def choose(self, set_id: str | None) -> Stage:
        """Rank the example with this set id."""
        example = self._by_id.get(set_id or "")
        if example is None:
            raise gr.Error("Choose an example from the list.", print_exception=False)
        return self._run(example)

    def narrow(self, domain: str | None, lever: str | None) -> Any:  # noqa: ANN401 - a gradio update
        """Return the example list for a domain and lever."""
        found = matching(self._examples, domain, lever)
        info = f"{len(found):,} of {len(self._examples):,}"
        return gr.Dropdown(choices=choices(found), value=None, label=f"Example ({info})")

    def surprise(self, domain: str | None, lever: str | None, current: Comparison | None) -> tuple[Any, ...]:
        """Rank a random example of the chosen domain and lever, another one than now if there is any.

        :return: the stage, then the set id for the example list.
        """
        found = matching(self._examples, domain, lever)
        others = [example for example in found if current is None or example != current.example]
        if not found:
            raise gr.Error("No example has this domain and lever. Choose others.", print_exception=False)
        example = random.choice(others or found)
        return *self._run(example), example.set_id

    def own(
        self,
        query: str,
        instruction_a: str,
        instruction_b: str,
        passages: str,
        wanted_a: float | None,
        wanted_b: float | None,
    ) -> Stage:
        """Rank a person's own passages."""
        try:
            texts = split_passages(passages)
            example = make_example(query, instruction_a, instruction_b, texts, wanted_a, wanted_b)
        except FlipError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return self._run(example)

    def copy(
        self, current: Comparison | None, shown: int
    ) -> tuple[str, str, str, str, int | None, int | None]:
        """Return the example on the page as text to edit: query, both instructions, passages, labels."""
        if current is None:
            raise gr.Error(STALE, print_exception=False)
        example = current.example
        first, second = example.views[0], example.views[shown or 1]
        docids = [passage.docid for passage in example.passages]
        labels = [docids.index(view.wanted) + 1 if view.wanted else None for view in (first, second)]
        text = "\n\n".join(passage.joined.strip() for passage in example.passages)
        return example.query, first.instruction, second.instruction, text, labels[0], labels[1]

    def flip(self, current: Comparison | None, shown: int) -> tuple[int, int, str, str]:
        """Show the next view.

        :return: view for the switch, view now shown, boards, rankings.
        """
        if current is None:
            raise gr.Error(STALE, print_exception=False)
        following = (shown + 1) % len(current.example.views)
        return following, *self.turn_to(current, shown, following)

    def turn_to(self, current: Comparison | None, shown: int, chosen: int | None) -> tuple[int, str, str]:
        """Show a chosen view.

        :return: view now shown, boards, rankings.
        """
        if current is None or chosen is None or not 0 <= chosen < len(current.example.views):
            raise gr.Error(STALE, print_exception=False)
        return chosen, boards_html(current, shown, chosen), rankings_html(current, shown, chosen)

    def _run(self, example: Example) -> Stage:
        try:
            comparison = compare(example, self._base, self._trained)
        except FlipError as error:
            raise gr.Error(f"{error}.", print_exception=False) from error
        own = example.set_id not in self._by_id
        return self._stage(comparison, [] if own else [origin(comparison, self._provenance)])

    def _stage(self, comparison: Comparison, note: list[str]) -> Stage:
        example = comparison.example
        options = [(view.instruction, index) for index, view in enumerate(example.views)]
        return (
            comparison,
            0,
            query_html(example),
            gr.Radio(choices=options, value=0),
            boards_html(comparison, None, 0),
            rankings_html(comparison, None, 0),
            note_html(note),
        )
