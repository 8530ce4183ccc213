"""Bare queries with phrases in a wording."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.compose.contrasts import text_split
from benchmarks.compose.cues import EXCLUSIONS, INCLUSIONS, word
from benchmarks.compose.phrases import phrase_split, phrases_of
from benchmarks.compose.texts import Item, passage


@dataclass(frozen=True)
class Topic:
    """A bare query and phrases of the passages that answer it."""

    query: str
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Composition:
    """A query with phrases that a wording excludes or asks for."""

    query: str
    phrases: tuple[str, ...]
    text: str
    excludes: bool


def topics_of(
    items: Sequence[Item],
    medical: Mapping[str, Sequence[Mapping[str, Any]]],
    films: Sequence[Mapping[str, Any]],
) -> list[Topic]:
    """Gather the bare queries of the training parts with the phrases of their passages.

    A phrase that is dealt out to validation or test is left out.

    :param medical: answers by disease; ``films`` are introductions of films.
    """
    queries: list[str] = []
    groups: list[list[str]] = []
    for item in items:
        if item.split == "train":
            queries.append(item.query)
            groups.append(list(item.texts))
    for focus, answers in medical.items():
        if text_split(focus) == "train":
            queries.append(focus)
            groups.append([row["answer"] for row in answers[:3]])
    for row in films:
        if text_split(row["title"]) == "train" and row["cast"] and row["genres"]:
            queries.append(f"{row['genres'][0].lower()} film with {row['cast'][0]}")
            groups.append([passage(row)])
    found = iter(phrases_of([text for group in groups for text in group]))
    topics = []
    for query, group in zip(queries, groups, strict=True):
        phrases = dict.fromkeys(phrase for _ in group for phrase in next(found))
        kept = [p for p in phrases if phrase_split(p) == "train" and p.lower() not in query.lower()]
        if kept:
            topics.append(Topic(query, tuple(kept)))
    return topics


def draw_compositions(topics: Sequence[Topic], own: int, count: int, seed: int = 0) -> list[Composition]:
    """Draw compositions: half of the topics' own items, half of third-party text; a quarter asks for phrases.

    Half of the exclusions name one phrase, the others two or three. A phrase is one of the query's own
    passages in three of four cases, and any other topic's in the rest, so that the query alone does not tell
    it.

    :param own: how many topics, at the front, are of the shipped items.
    """
    draw = random.Random(f"compositions {seed}")
    found = []
    for _ in range(count):
        topic = topics[draw.randrange(own)] if draw.random() < 0.5 else draw.choice(topics)
        excludes = draw.random() < 0.75
        number = draw.choice((1, 1, 2, 3)) if excludes else draw.choice((1, 1, 1, 2))
        phrases: list[str] = []
        while len(phrases) < number:
            source = topic if draw.random() < 0.75 else draw.choice(topics)
            phrase = draw.choice(source.phrases)
            # People type names in lower case as often as not.
            phrase = phrase.lower() if draw.random() < 0.3 else phrase
            if phrase in phrases:
                number -= 1
            else:
                phrases.append(phrase)
        wording = draw.choice((EXCLUSIONS if excludes else INCLUSIONS)["train"])
        text = word(wording, topic.query, phrases, draw)
        found.append(Composition(topic.query, tuple(phrases), text, excludes))
    return found
