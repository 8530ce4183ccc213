"""Finds, for queries with answers only, passages that look alike: some may answer too, the others do not.

A search ranks the corpus for a query. A passage that scores as high as the query's answers may answer it: it
is *near*, a candidate for an instruction negative, which a writer and a judge must confirm. A passage that
scores lower by a margin is a *hard negative* (the rule "percentage of the positive" of NV-Retriever, arXiv
2407.15831).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from datasets import Dataset

from dualview.cards.errors import InputError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: Candidates of a query in each search, before they are divided into near ones and hard negatives.
DEPTH = 100


@dataclass(frozen=True)
class Question:
    """A query and the places of its answers in the corpus, at least one."""

    query: str
    answers: tuple[int, ...]


@dataclass(frozen=True)
class Neighbours:
    """Places in the corpus, the highest score first.

    :param near: score as high as the answers, so they may answer too.
    :param hard: look alike and score lower.
    """

    near: tuple[int, ...] = ()
    hard: tuple[int, ...] = ()

    def first(self, near: int, hard: int) -> Neighbours:
        """At most so many of each."""
        return Neighbours(self.near[:near], self.hard[:hard])


def mine_with_bm25(questions: Sequence[Question], corpus: Sequence[str], margin: float) -> list[Neighbours]:
    """The neighbours of each question by BM25.

    :param corpus: the texts of all passages; their index is held in memory.
    :param margin: distance of a hard negative below the lowest answer, as a fraction of that score.
    :raises InputError: if ``bm25s`` is not installed.
    """
    try:
        import bm25s
    except ImportError as error:
        raise InputError("BM25 needs the package bm25s; run pip install 'dualview[mine]'") from error
    index = bm25s.BM25()
    # Stop words are those of a language; their weight in BM25 is next to nothing anyway.
    index.index(bm25s.tokenize(list(corpus), stopwords=[], show_progress=False), show_progress=False)
    queries = bm25s.tokenize(
        [question.query for question in questions], stopwords=[], return_ids=False, show_progress=False
    )
    found = []
    for question, tokens in zip(questions, queries, strict=True):
        known = [token for token in tokens if token in index.vocab_dict]
        scores = index.get_scores(known) if known else np.zeros(len(corpus), dtype=np.float32)
        lowest = float(scores[list(question.answers)].min())
        scores[list(question.answers)] = -np.inf
        # Equal scores keep the order of the corpus: the same files give the same neighbours.
        top = np.argpartition(-scores, min(DEPTH, len(scores) - 1))[: DEPTH + 1]
        top = top[np.lexsort((top, -scores[top]))][:DEPTH]
        # A passage without a word of the query is not a neighbour.
        ranked = [(int(place), float(scores[place])) for place in top if scores[place] > 0]
        found.append(_part(ranked, lowest, margin))
    return found


def mine_with_model(
    questions: Sequence[Question],
    corpus: Sequence[str],
    margin: float,
    model: SentenceTransformer,
    batch_size: int = 32,
) -> list[Neighbours]:
    """The neighbours of each question by the similarity of embeddings; see :func:`mine_with_bm25`.

    :param corpus: the texts of all passages, no two alike; their embeddings are held in memory.
    :param batch_size: texts a forward pass.
    """
    from sentence_transformers.util import mine_hard_negatives

    pairs = [(question.query, corpus[place]) for question in questions for place in question.answers]
    most_answers = max(len(question.answers) for question in questions)
    depth = min(DEPTH, len(corpus) - most_answers)
    if depth < 1:
        return [Neighbours() for _ in questions]
    mined = mine_hard_negatives(
        Dataset.from_dict({"query": [query for query, _ in pairs], "answer": [text for _, text in pairs]}),
        model,
        corpus=list(corpus),
        num_negatives=depth,
        # Both kinds are wanted, so the margin is applied here.
        output_format="labeled-list",
        output_scores=True,
        batch_size=batch_size,
        verbose=False,
    )
    places = {text: place for place, text in enumerate(corpus)}
    lowest: dict[str, float] = {}
    ranked: dict[str, list[tuple[int, float]]] = {}
    # A row an answer: its own score first, then the same neighbours in every row of a query.
    for query, texts, scores in zip(mined["query"], mined["answer"], mined["scores"], strict=True):
        lowest[query] = min(scores[0], lowest.get(query, scores[0]))
        ranked[query] = [(places[text], score) for text, score in zip(texts[1:], scores[1:], strict=True)]
    return [
        _part(ranked.get(question.query, []), lowest.get(question.query, 0.0), margin)
        for question in questions
    ]


def merge_neighbours(searches: Iterable[Sequence[Neighbours]]) -> list[Neighbours]:
    """One ranking of several searches, taking turns; a near passage of one of them is not a hard negative."""
    merged = []
    for found in zip(*searches, strict=True):
        near = _take_turns([neighbours.near for neighbours in found])
        hard = _take_turns([neighbours.hard for neighbours in found])
        merged.append(Neighbours(near, tuple(place for place in hard if place not in near)))
    return merged


def _part(ranked: Sequence[tuple[int, float]], lowest_answer: float, margin: float) -> Neighbours:
    limit = lowest_answer - abs(lowest_answer) * margin
    return Neighbours(
        near=tuple(place for place, score in ranked if score > limit),
        hard=tuple(place for place, score in ranked if score <= limit),
    )


def _take_turns(rankings: Sequence[Sequence[int]]) -> tuple[int, ...]:
    turns = (place for rank in zip_longest(*rankings) for place in rank if place is not None)
    return tuple(dict.fromkeys(turns))
