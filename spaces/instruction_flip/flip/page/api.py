"""Named endpoints ``rank``, ``flip`` and ``search``, for gradio_client, HTTP and MCP.

Annotations are not postponed here: gradio reads the types of the results from them.
"""

from collections.abc import Callable

import gradio as gr

from flip.engine.compare import ModelResult, compare
from flip.engine.ranking import TOP
from flip.engine.ranking import rank as rank_passages
from flip.html.words import what_happened
from flip.page.replies import FlipReply, FoundPassage, ModelReply, RankedPassage, SearchReply
from flip.page.stage import Workbench
from flip.text.arguments import number_argument, text_argument, texts_argument
from flip.text.inputs import MAX_INSTRUCTION_CHARS, MAX_QUERY_CHARS, make_example, make_passages, one_line
from flip.types import Example, FlipError


def make_rank(bench: Workbench) -> Callable[..., list[RankedPassage]]:
    """Return the endpoint ``rank`` for these models."""

    def rank(
        query: str, instruction: str, passages: list[str], model: str = "trained"
    ) -> list[RankedPassage]:
        """Rank passages under a query and an instruction, best first.

        Each item holds rank (from 1), passage (its number in the input, from 1), score (cosine) and title.

        Args:
            query: the search query.
            instruction: a description of the relevant passages; may be empty.
            passages: 2 to 200 texts; a short first line followed by more text is the title.
            model: "base", "trained", or a second model that the page offers.

        """
        try:
            encoder = bench.pool.named(_model(model))
            text = one_line(text_argument(query, "query"), "The query", MAX_QUERY_CHARS)
            if text_argument(instruction, "instruction").strip():
                line = one_line(instruction, "The instruction", MAX_INSTRUCTION_CHARS)
                text = encoder.join(text, line)
            found = make_passages(texts_argument(passages, "passages"))
            docids = [passage.docid for passage in found]
            vectors = encoder.encode([passage.joined for passage in found], "passage")
            ranking = rank_passages(encoder.encode([text], "query")[0], vectors, docids)
        except FlipError as error:
            raise gr.Error(error.sentence, print_exception=False) from error
        numbers = {docid: number for number, docid in enumerate(docids, 1)}
        ranked = zip(ranking.docids, ranking.scores, strict=True)
        return [
            {
                "rank": place,
                "passage": numbers[docid],
                "score": score,
                "title": found[numbers[docid] - 1].title,
            }
            for place, (docid, score) in enumerate(ranked, 1)
        ]

    return rank


def make_flip(bench: Workbench) -> Callable[..., FlipReply]:
    """Return the endpoint ``flip`` for these models."""

    def flip(
        query: str,
        instruction_a: str,
        instruction_b: str,
        passages: list[str],
        wanted_a: int = 0,
        wanted_b: int = 0,
        model: str = "trained",
    ) -> FlipReply:
        """Rank passages under two instructions with two models, and describe the changes.

        Returns, for "base" and "second": role, model, ranks_a and ranks_b (one rank per passage, in input
        order), words (the changes in one sentence), and, if wanted_a and wanted_b are given, obeys_a,
        obeys_b, flip (both right) and p_mrr (a fraction in (-1, 1)); null otherwise.

        Args:
            query: the search query.
            instruction_a: the original instruction.
            instruction_b: the reversed instruction.
            passages: 2 to 200 texts; a short first line followed by more text is the title.
            wanted_a: number of the passage that is relevant under instruction A; 0: not given.
            wanted_b: the same for instruction B.
            model: the second model: "trained", or another one that the page offers.

        """
        try:
            example = make_example(
                *_question(query, instruction_a, instruction_b),
                texts_argument(passages, "passages"),
                number_argument(wanted_a, "wanted_a"),
                number_argument(wanted_b, "wanted_b"),
            )
            second = bench.pool.named(_model(model))
            comparison = compare(example, bench.pool.base, second)
        except FlipError as error:
            raise gr.Error(error.sentence, print_exception=False) from error
        return {"base": _reply(example, comparison.base), "second": _reply(example, comparison.trained)}

    return flip


def make_search(bench: Workbench) -> Callable[..., SearchReply]:
    """Return the endpoint ``search`` for the passages of the examples."""

    def search(query: str, instruction_a: str, instruction_b: str, model: str = "trained") -> SearchReply:
        """Search all passages of the examples under two instructions.

        Returns passages (the number searched), words (the changes in one sentence), and top_a and top_b: the
        top ten under each instruction, with rank, docid, score, title, text, and other_rank (the rank under
        the other instruction).

        Args:
            query: the search query.
            instruction_a: the original instruction.
            instruction_b: the reversed instruction.
            model: "base", "trained", or a second model that the page offers.

        """
        try:
            example = bench.corpus.ask(*_question(query, instruction_a, instruction_b))
            second = bench.pool.named(_model(model))
            result = compare(example, bench.pool.base, second).trained
        except FlipError as error:
            raise gr.Error(error.sentence, print_exception=False) from error
        return {
            "passages": len(example.passages),
            "words": what_happened(example, result, 0, 1),
            "top_a": _top(example, result, 0, 1),
            "top_b": _top(example, result, 1, 0),
        }

    return search


def _model(model: str | None) -> str:
    return "trained" if model is None else text_argument(model, "model")


def _question(query: str, instruction_a: str, instruction_b: str) -> tuple[str, str, str]:
    return (
        text_argument(query, "query"),
        text_argument(instruction_a, "instruction_a"),
        text_argument(instruction_b, "instruction_b"),
    )


def _reply(example: Example, result: ModelResult) -> ModelReply:
    docids = [passage.docid for passage in example.passages]
    right = result.right or (None, None)
    return {
        "role": result.role,
        "model": result.name,
        "ranks_a": [result.rankings[0].rank_of(docid) for docid in docids],
        "ranks_b": [result.rankings[1].rank_of(docid) for docid in docids],
        "words": what_happened(example, result, 0, 1),
        "obeys_a": right[0],
        "obeys_b": right[1],
        "flip": None if result.right is None else all(result.right),
        "p_mrr": result.p_mrr,
    }


def _top(example: Example, result: ModelResult, view: int, other: int) -> list[FoundPassage]:
    ranking = result.rankings[view]
    best = zip(ranking.docids[:TOP], ranking.scores, strict=False)
    return [
        {
            "rank": place,
            "docid": docid,
            "score": score,
            "title": example.passage(docid).title,
            "text": example.passage(docid).text,
            "other_rank": result.rankings[other].rank_of(docid),
        }
        for place, (docid, score) in enumerate(best, 1)
    ]
