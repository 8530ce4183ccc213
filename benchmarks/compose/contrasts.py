"""Exclusions that are right by construction, over third-party passages.

Two passages answer a query; a phrase is in one of them and in the other in no form. "query, not phrase" wants
the other. The corpus of a split holds all its passages, so that "right first" means something.

- MedQuAD: two answers about the same disease, which is the query; no third one is in the corpus.
- Films: two introductions that share a name which no third one of the corpus has; the query is that name.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.compose.cues import EXCLUSIONS, word
from benchmarks.compose.phrases import names_of, occurs, phrase_split, phrases_of
from benchmarks.compose.texts import lines_of, passage


@dataclass(frozen=True)
class Contrast:
    """A query and a phrase that one passage holds and the other does not."""

    query: str
    phrase: str
    text: str
    right: int
    violating: int


@dataclass(frozen=True)
class ContrastSet:
    """Contrasts over one corpus."""

    passages: tuple[str, ...]
    contrasts: tuple[Contrast, ...]


def text_split(key: str) -> str:
    """Deal out a disease or a film: three fifths to training, a fifth each to validation and test."""
    drawn = hashlib.sha256(key.lower().encode()).digest()[1] % 5
    return ("validation", "test", "train", "train", "train")[drawn]


def medical_rows(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Read MedQuAD's answers by disease."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in lines_of(data / "medquad.jsonl.xz"):
        rows[row["focus"]].append(row)
    return rows


def medical_contrasts(rows: Mapping[str, Sequence[Mapping[str, Any]]], split: str, most: int) -> ContrastSet:
    """Make contrasts of the diseases of a split.

    :param rows: of :func:`medical_rows`.
    :param most: how many at most.
    """
    passages: list[str] = []
    pairs: list[tuple[str, int, int]] = []
    for focus, answers in rows.items():
        by_type = list({row["type"]: row for row in answers}.values())
        if text_split(focus) != split or len(by_type) < 2:
            continue
        two = sorted(by_type, key=lambda row: hashlib.sha256(row["id"].encode()).digest())[:2]
        pairs.append((focus, len(passages), len(passages) + 1))
        passages += [f"{row['question']}\n{row['answer']}" for row in two]
    return ContrastSet(tuple(passages), _contrasts(passages, pairs, split, most))


def film_contrasts(rows: Sequence[Mapping[str, Any]], split: str, most: int) -> ContrastSet:
    """Make contrasts of the films of a split; see :func:`medical_contrasts`."""
    own = [row for row in rows if text_split(row["title"]) == split]
    passages = [passage(row) for row in own]
    holders: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(own):
        for name in dict.fromkeys([*row["cast"], *names_of(row["text"])]):
            if " " in name:
                holders[name].append(place)
    pairs: list[tuple[str, int, int]] = []
    taken: set[int] = set()
    for name, places in sorted(holders.items()):
        if len(places) != 2 or taken & set(places):
            continue
        if sum(name in text for text in passages) == 2 and all(name in passages[place] for place in places):
            taken |= set(places)
            pairs.append((f"{name} film", places[0], places[1]))
    return ContrastSet(tuple(passages), _contrasts(passages, pairs, split, most))


def _contrasts(
    passages: Sequence[str], pairs: Sequence[tuple[str, int, int]], split: str, most: int
) -> tuple[Contrast, ...]:
    phrases = phrases_of(passages, terms=12, names=8)
    found: list[Contrast] = []
    draw = random.Random(f"contrasts {split}")
    for query, one, two in draw.sample(pairs, len(pairs)):
        for violating, right in ((one, two), (two, one)):
            for phrase in _telling(phrases[violating], passages[right], query, split):
                text = word(draw.choice(EXCLUSIONS[split]), query, [phrase], draw)
                found.append(Contrast(query, phrase, text, right, violating))
                break
    return tuple(found[:most])


def _telling(phrases: Sequence[str], other: str, query: str, split: str) -> Iterator[str]:
    for phrase in phrases:
        if phrase_split(phrase) == split and not occurs(phrase, other) and not occurs(phrase, query):
            yield phrase


def read_films(data: Path) -> list[dict[str, Any]]:
    """Read the introductions of films."""
    return list(lines_of(data / "movies.jsonl.xz"))
