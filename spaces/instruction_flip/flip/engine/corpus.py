"""Search corpus made of the passages of all examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flip.text.inputs import check_question
from flip.types import Example, Passage, View

#: Encoding this many passages takes some minutes, once, with two models on two cores.
MAX_CORPUS = 3_000


class Corpus:
    """Distinct passages of the examples, and their labels."""

    def __init__(self, examples: Sequence[Example], limit: int = MAX_CORPUS) -> None:
        """Collect the passages, in the order of the examples.

        :param limit: maximum number of passages; later ones are left out.
        """
        self._examples = examples
        by_text: dict[str, Passage] = {}
        docids: set[str] = set()
        for passage in (passage for example in examples for passage in example.passages):
            if passage.joined in by_text or len(by_text) >= limit:
                continue
            docid, copies = passage.docid, 1
            while docid in docids:
                copies += 1
                docid = f"{passage.docid}~{copies}"
            docids.add(docid)
            by_text[passage.joined] = replace(passage, docid=docid)
        self._by_text = by_text
        self.passages = tuple(by_text.values())

    def ask(self, query: str | None, instruction_a: str | None, instruction_b: str | None) -> Example:
        """Build an example whose passages are the whole corpus.

        If query and instructions are those of a shipped example, its labels are used.

        :raises FlipError: if a text is empty or too long, or both instructions are the same.
        """
        line, first, second = check_question(query, instruction_a, instruction_b)
        views = (self._view(line, first), self._view(line, second))
        if None in (view.wanted for view in views) or views[0].wanted == views[1].wanted:
            views = (View(first, None), View(second, None))
        return Example("search", line, views, self.passages, kind="search")

    def _view(self, query: str, instruction: str) -> View:
        for example in self._examples:
            if example.query != query:
                continue
            for view in example.views:
                if view.instruction == instruction and view.wanted is not None:
                    found = self._by_text.get(example.passage(view.wanted).joined)
                    return View(instruction, found.docid if found else None, view.lever)
        return View(instruction, None)
