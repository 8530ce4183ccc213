"""Draws the rows of the config ``compositions`` from topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from dualview.dataset_builder.compositions.topics import Topic
from dualview.dataset_builder.writers.contrasts.wording_table import (
    EXCLUSION,
    INCLUSION,
    Wordings,
    fill,
    load_wordings,
)

KEPT = "kept"
#: Most rows of a topic: with more, the same queries and phrases would only come in other wordings.
ROWS_OF_TOPIC = 40
_EXCLUDING, _KEPT_SHARE = 0.75, 0.15
_OTHER_TOPIC, _LOWER_CASE = 0.25, 0.3
_NUMBERS = {EXCLUSION: (1, 1, 2, 3), INCLUSION: (1, 1, 1, 2)}
_MOST_TRIES = 4


def draw_rows(topics: Sequence[Topic], split: str, most: int, seed: int) -> Iterator[dict[str, Any]]:
    """The rows of a split: of seven rows, one is kept as it is, the others hold phrases in a wording.

    Three of four wordings exclude. Half of these name one phrase, the others two or three. A phrase is one of
    the query's own passages in three of four cases, and any other topic's in the rest, so that the query
    alone does not tell it. A third of the phrases is in lower case, as people type them.

    :param topics: the same topics in the same order give the same rows.
    :param most: most rows; no more than ``ROWS_OF_TOPIC`` for each topic.
    """
    most = min(most, ROWS_OF_TOPIC * len(topics))
    draw = Random(f"compositions {split} {seed}")
    kept = list(_kept_rows(topics, split, int(most * _KEPT_SHARE)))
    yield from kept
    usable = [topic for topic in topics if topic.phrases]
    if not usable:
        return
    wordings = {topic.language: load_wordings(topic.language) for topic in usable}
    seen: set[str] = set()
    for _ in range(most - len(kept)):
        for _ in range(_MOST_TRIES):
            row = _draw_row(usable, wordings, split, draw)
            if row["phrases"] and row["text"] not in seen:
                seen.add(row["text"])
                yield row
                break


def _draw_row(
    topics: Sequence[Topic], wordings: Mapping[str, Wordings], split: str, draw: Random
) -> dict[str, Any]:
    topic = draw.choice(topics)
    kind = EXCLUSION if draw.random() < _EXCLUDING else INCLUSION
    phrases: list[str] = []
    for _ in range(draw.choice(_NUMBERS[kind])):
        source = draw.choice(topics) if draw.random() < _OTHER_TOPIC else topic
        if source.language != topic.language:
            source = topic
        phrase = draw.choice(source.phrases)
        phrase = phrase.lower() if draw.random() < _LOWER_CASE else phrase
        # Another topic's phrase may be what this query is about.
        if phrase.casefold() not in [*map(str.casefold, phrases)] and (
            source is topic or phrase.casefold() not in topic.query.casefold()
        ):
            phrases.append(phrase)
    table = wordings[topic.language]
    cue = draw.choice(table.cues[kind][split])
    return {
        "query": topic.query,
        "phrases": phrases,
        "kind": kind,
        "text": fill(cue, q=topic.query, t=table.join(phrases, draw)),
        "cue": cue,
        "language": topic.language,
    }


def _kept_rows(topics: Sequence[Topic], split: str, most: int) -> Iterator[dict[str, Any]]:
    """Texts that must stay where the base model has them: traps, sentences of passages, bare queries."""
    languages = dict.fromkeys(topic.language for topic in topics)
    texts = {text: language for language in languages for text in load_wordings(language).kept.get(split, ())}
    for topic in topics:
        texts |= dict.fromkeys((*topic.sentences, topic.query), topic.language)
    for text, language in list(texts.items())[:most]:
        yield {"query": "", "phrases": [], "kind": KEPT, "text": text, "cue": "", "language": language}
