"""The named endpoints ``rank`` and ``flip``, for gradio_client and plain HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import gradio as gr

from flip_compare import ModelResult, TextEncoder, compare
from flip_inputs import MAX_INSTRUCTION_CHARS, MAX_QUERY_CHARS, make_example, make_passages, one_line
from flip_ranking import rank as rank_passages
from flip_types import Example, FlipError
from flip_words import what_happened


def make_rank(base: TextEncoder, trained: TextEncoder) -> Callable[..., list[dict[str, Any]]]:
    """Return the endpoint ``rank`` over these models."""

    def rank(
        query: str, instruction: str, passages: list[str], model: Literal["base", "trained"] = "trained"
    ) -> list[dict[str, Any]]:
        """Rank passages under a query and an instruction (may be empty), best first.

        Each item holds rank (from 1), passage (its number in the input, from 1), score (cosine) and title.
        A passage's first line is its title where it is short and more text follows.
        """
        encoder = {"base": base, "trained": trained}.get(model)
        try:
            if encoder is None:
                raise FlipError(f"There is no model {model!r}; choose 'base' or 'trained'.")
            text = one_line(query, "The query", MAX_QUERY_CHARS)
            if instruction.strip():
                text += " " + one_line(instruction, "The instruction", MAX_INSTRUCTION_CHARS)
            found = make_passages(passages)
            docids = [passage.docid for passage in found]
            vectors = encoder.encode([passage.joined for passage in found], "passage")
            ranking = rank_passages(encoder.encode([text], "query")[0], vectors, docids)
        except FlipError as error:
            raise gr.Error(str(error), print_exception=False) from error
        numbers = {docid: number for number, docid in enumerate(docids, 1)}
        return [
            {
                "rank": place,
                "passage": numbers[docid],
                "score": score,
                "title": found[numbers[docid] - 1].title,
            }
            for place, (docid, score) in enumerate(zip(ranking.docids, ranking.scores, strict=True), 1)
        ]

    return rank


def make_flip(base: TextEncoder, trained: TextEncoder) -> Callable[..., dict[str, Any]]:
    """Return the endpoint ``flip`` over these models."""

    def flip(
        query: str,
        instruction_a: str,
        instruction_b: str,
        passages: list[str],
        wanted_a: int = 0,
        wanted_b: int = 0,
    ) -> dict[str, Any]:
        """Rank passages under two instructions with both models, and say what moved.

        Returns, for "base" and "trained": ranks_a and ranks_b (one rank a passage, in input order), words,
        and, where wanted_a and wanted_b name the right passages (from 1; 0: not stated), obeys_a, obeys_b,
        flip (both right) and p_mrr (a fraction in (-1, 1)); null otherwise.
        """
        try:
            example = make_example(query, instruction_a, instruction_b, passages, wanted_a, wanted_b)
            comparison = compare(example, base, trained)
        except FlipError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return {
            "base": _told(example, comparison.base),
            "trained": _told(example, comparison.trained),
        }

    return flip


def _told(example: Example, result: ModelResult) -> dict[str, Any]:
    docids = [passage.docid for passage in example.passages]
    right = result.right or (None, None)
    return {
        "model": result.name,
        "ranks_a": [result.rankings[0].rank_of(docid) for docid in docids],
        "ranks_b": [result.rankings[1].rank_of(docid) for docid in docids],
        "words": what_happened(example, result, 0, 1),
        "obeys_a": right[0],
        "obeys_b": right[1],
        "flip": None if result.right is None else all(result.right),
        "p_mrr": result.p_mrr,
    }
