"""Event handlers of the forms: own text, upload, opposite instruction, and corpus search."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import gradio as gr

from flip.engine.compare import Comparison
from flip.engine.ranking import TOP
from flip.engine.why import explain
from flip.html.view import message_html
from flip.html.why_view import why_html
from flip.page.asked import KEEP, STALE
from flip.page.stage import Workbench
from flip.text.inputs import clean, make_example, make_passages, passage_choices, split_passages
from flip.text.opposite import suggest_opposite
from flip.text.upload import check_size, join_passages, parse_passages
from flip.types import NEUTRAL, Example, FlipError

NO_OPPOSITE = (
    "Found nothing that can surely be reversed, such as “its history, not its price”, “only …”, “without …”, "
    "“before 2010” or “for beginners”. Write the opposite yourself."
)


#: Characters of a file's name that are shown: the last ones, with its ending.
MAX_NAME_CHARS = 100


class FormHandlers:
    """Handlers of the tabs with text fields."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def own(
        self,
        query: str,
        instruction_a: str,
        instruction_b: str,
        passages: str,
        wanted_a: float | None,
        wanted_b: float | None,
        second: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:
        """Rank the user's own passages.

        :return: the stage, and a message for the form.
        """
        try:
            texts = split_passages(passages)
            example = make_example(query, instruction_a, instruction_b, texts, wanted_a, wanted_b)
        except FlipError as error:
            return *KEEP, message_html(error.sentence, is_error=True)
        return self._ranked(example, second, progress)

    def search(
        self,
        query: str,
        instruction_a: str,
        instruction_b: str,
        second: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:
        """Rank the whole corpus.

        :return: the stage, and a message for the form.
        """
        try:
            example = self._bench.corpus.ask(query, instruction_a, instruction_b)
        except FlipError as error:
            return *KEEP, message_html(error.sentence, is_error=True)
        return self._ranked(example, second, progress)

    def prepare(self, passages: str, second: str) -> None:
        """Encode pasted passages while the user writes the query; errors are reported on submit."""
        if not self._bench.pool.is_ready:
            return
        try:
            texts = [passage.joined for passage in make_passages(split_passages(passages))]
            for encoder in (self._bench.pool.base, self._bench.pool.second(second)):
                encoder.encode(texts, "passage")
        except FlipError:
            return

    def number(
        self,
        passages: str,
        wanted_a: int | None,
        wanted_b: int | None,
        before: list[tuple[str, int]] | None,
    ) -> tuple[Any, Any, list[tuple[str, int]]]:
        """Return the passages as choices for what A and B should find.

        What was chosen stays if the passage with its number still begins as ``before``.
        """
        choices = passage_choices(passages)
        same = {number for name, number in choices if (name, number) in (before or [])}
        first, second = (one if one in same else 0 for one in (wanted_a, wanted_b))
        return gr.Dropdown(choices=choices, value=first), gr.Dropdown(choices=choices, value=second), choices

    def upload(self, event: gr.EventData) -> tuple[Any, str]:
        """Take the passages out of a file that the browser has read.

        :param event: the ``name`` of the file, its ``size`` in bytes, and its ``content`` as Base64, empty if
            the file is too large.
        :return: the passages, and a message for the form.
        """
        try:
            name, data = _chosen_file(event)
            passages = parse_passages(data, name)
        except FlipError as error:
            return gr.skip(), message_html(error.sentence, is_error=True)
        count = "1 passage" if len(passages) == 1 else f"{len(passages)} passages"
        return join_passages(passages), message_html(f"Read {count} from {name}.")

    def suggest(self, instruction: str | None) -> tuple[Any, str]:
        """Suggest the opposite of the first instruction.

        :return: the second instruction, and a message for the form.
        """
        if not (instruction or "").strip():
            return gr.skip(), message_html("Write instruction A first.", is_error=True)
        found = suggest_opposite(instruction[:5000] if instruction else "")
        if found is None:
            return gr.skip(), message_html(NO_OPPOSITE, is_error=True)
        return found.instruction, message_html(
            f"Reversed “{found.turned}” by rule. Check the result before you use it."
        )

    def copy_all(self, current: Comparison | None, shown: int) -> tuple[Any, ...]:
        """Return the current example as text to edit: query, both instructions, passages, labels."""
        example, *question = self._copied(current, shown)
        docids = [passage.docid for passage in example.passages]
        if current is not None and example.kind == "search":
            # From a corpus search, copy only the passages shown on the page.
            rankings = [*current.trained.rankings, *current.base.rankings]
            docids = list(dict.fromkeys(docid for ranking in rankings for docid in ranking.docids[:TOP]))
        views = (example.views[0], example.views[max(shown, 1)])
        labels = [docids.index(view.wanted) + 1 if view.wanted in docids else 0 for view in views]
        text = join_passages([example.passage(docid).joined for docid in docids])
        choices = passage_choices(text)
        fields = [gr.Dropdown(choices=choices, value=label) for label in labels]
        return *question, text, *fields, choices

    def copy_question(self, current: Comparison | None, shown: int) -> tuple[str, str, str]:
        """Return query and instructions of the current example."""
        _, query, first, second = self._copied(current, shown)
        return query, first, second

    def _copied(self, current: Comparison | None, shown: int) -> tuple[Example, str, str, str]:
        if current is None:
            raise gr.Error(STALE, print_exception=False)
        example = current.example
        return example, example.query, example.views[0].instruction, example.views[max(shown, 1)].instruction

    def _ranked(self, example: Example, second: str, progress: gr.Progress) -> tuple[Any, ...]:
        try:
            stage = self._bench.stage(self._bench.run(example, second, progress))
        except FlipError as error:
            return *KEEP, message_html(error.sentence, is_error=True)
        return *stage, message_html(f"Ranked {len(example.passages):,} passages; see above.")

    def why(self, current: Comparison | None, shown: int, event: gr.EventData) -> Any:  # noqa: ANN401
        """Say what each phrase of the instruction does to the passage whose button was clicked."""
        number = str(getattr(event, "why", ""))
        if current is None or shown == NEUTRAL or not number.isascii() or not number.isdigit():
            raise gr.Error(STALE, print_exception=False)
        if len(number) > 6 or int(number) >= len(current.example.passages):
            raise gr.Error(STALE, print_exception=False)
        passage = current.example.passages[int(number)]
        pool = self._bench.pool
        try:
            encoders = (pool.base, pool.second("" if current.is_recorded else current.trained.linked_as))
            effects = [(one.name, explain(current.example, one, shown, passage.docid)) for one in encoders]
        except FlipError as error:
            return message_html(error.sentence, is_error=True)
        return why_html(passage, shown, effects)


def _chosen_file(event: gr.EventData) -> tuple[str, bytes]:
    """Return name and content of a file.

    :raises FlipError: if it is too large, or the event is not that of the page.
    """
    try:
        name, size = str(event.name), int(event.size)
        content = base64.b64decode(str(event.content), validate=True)
    except (AttributeError, TypeError, ValueError, OverflowError, binascii.Error) as error:
        raise FlipError(STALE) from error
    name = " ".join(clean(name[-MAX_NAME_CHARS:]).split())
    check_size(size, name)
    return name, content
