"""What the forms do: own text, an upload, the opposite of an instruction, a search in the corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from flip.engine.compare import Comparison
from flip.engine.ranking import TOP
from flip.page.handlers import KEEP, STALE
from flip.page.stage import Workbench
from flip.page.view import said_html
from flip.text.inputs import make_example, make_passages, split_passages
from flip.text.opposite import suggest_opposite
from flip.text.upload import join_passages, read_passages
from flip.types import Example, FlipError

NO_OPPOSITE = (
    "Found no constraint that can be turned around, such as “only …”, “without …”, “before 2010”, "
    "“at least 5” or “for beginners”. Write the opposite yourself."
)


class FormHandlers:
    """The actions of the tabs in which people write."""

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
        """Rank a person's own passages.

        :return: the stage, and a message for the form.
        """
        try:
            texts = split_passages(passages)
            example = make_example(query, instruction_a, instruction_b, texts, wanted_a, wanted_b)
        except FlipError as error:
            return *KEEP, said_html(error.sentence, is_error=True)
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
            return *KEEP, said_html(error.sentence, is_error=True)
        return self._ranked(example, second, progress)

    def prepare(self, passages: str, second: str) -> None:
        """Encode pasted passages while their owner still writes the query; what is wrong is told later."""
        try:
            texts = [passage.joined for passage in make_passages(split_passages(passages))]
            for encoder in (self._bench.pool.base, self._bench.pool.second(second)):
                encoder.encode(texts, "passage")
        except FlipError:
            return

    def upload(self, file: str | None) -> tuple[Any, str]:
        """Fill the passages from a file.

        :return: the passages, and a message for the form.
        """
        if not file:
            return gr.skip(), ""
        path = Path(file)
        try:
            passages = read_passages(path)
        except FlipError as error:
            return gr.skip(), said_html(error.sentence, is_error=True)
        finally:
            path.unlink(missing_ok=True)
        count = "1 passage" if len(passages) == 1 else f"{len(passages)} passages"
        return join_passages(passages), said_html(f"Read {count} from {path.name}.")

    def suggest(self, instruction: str | None) -> tuple[Any, str]:
        """Fill the second instruction with the opposite of the first.

        :return: the second instruction, and a message for the form.
        """
        if not (instruction or "").strip():
            return gr.skip(), said_html("Write instruction A first.", is_error=True)
        found = suggest_opposite(instruction[:5000] if instruction else "")
        if found is None:
            return gr.skip(), said_html(NO_OPPOSITE, is_error=True)
        return found.instruction, said_html(
            f"Turned around “{found.turned}” by rule. Read it before you use it."
        )

    def copy_all(self, current: Comparison | None, shown: int) -> tuple[Any, ...]:
        """Return the example on the page as text to edit: query, both instructions, passages, labels."""
        example, *question = self._copied(current, shown)
        docids = [passage.docid for passage in example.passages]
        if current is not None and example.kind == "search":
            # Of a corpus, the passages that are on the page.
            rankings = [*current.trained.rankings, *current.base.rankings]
            docids = list(dict.fromkeys(docid for ranking in rankings for docid in ranking.docids[:TOP]))
        views = (example.views[0], example.views[shown or 1])
        labels = [docids.index(view.wanted) + 1 if view.wanted in docids else None for view in views]
        return *question, join_passages([example.passage(docid).joined for docid in docids]), *labels

    def copy_question(self, current: Comparison | None, shown: int) -> tuple[str, str, str]:
        """Return query and instructions of the example on the page."""
        _, query, first, second = self._copied(current, shown)
        return query, first, second

    def _copied(self, current: Comparison | None, shown: int) -> tuple[Example, str, str, str]:
        if current is None:
            raise gr.Error(STALE, print_exception=False)
        example = current.example
        return example, example.query, example.views[0].instruction, example.views[shown or 1].instruction

    def _ranked(self, example: Example, second: str, progress: gr.Progress) -> tuple[Any, ...]:
        try:
            stage = self._bench.stage(self._bench.run(example, second, progress))
        except FlipError as error:
            return *KEEP, said_html(error.sentence, is_error=True)
        return *stage, said_html(f"Ranked {len(example.passages):,} passages; see above.")
