"""What is measured of an encoder: instructed queries over the corpora of a split, bare queries, traps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from benchmarks.compose.contrasts import (
    ContrastSet,
    film_contrasts,
    medical_contrasts,
    medical_rows,
    read_films,
)
from benchmarks.compose.texts import Item, View, lines_of
from benchmarks.compose.traps import TRAPS

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_ORIGINS = {"practical": ("written",), "seeds": ("original", "written"), "attributed": ("facet", "written")}
_CLAIMS, _ABSTRACTS = 1_500, 2_500
_WANTED = {"YES": "The answer to the question must be yes.", "NO": "The answer to the question must be no."}


@dataclass
class Probe:
    """Instructed queries over one corpus.

    :param parts: query and phrases of each text where they are known, for composing without a rule.
    :param group: of each text: those of a group must be right together; -1 where there is none.
    """

    passages: list[str]
    texts: list[str] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    negatives: list[tuple[int, ...]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    group: list[int] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)

    def add(self, text: str, target: int, negatives: Sequence[int], kind: str, group: int = -1) -> None:
        """Add an instructed query; its passages are places in the corpus."""
        self.texts.append(text)
        self.targets.append(target)
        self.negatives.append(tuple(negatives))
        self.kinds.append(kind)
        self.group.append(group)

    def padded_negatives(self) -> np.ndarray:
        """Places of the passages that each text rules out, -1 where there are fewer: (texts, width)."""
        width = max(len(places) for places in self.negatives)
        padded = np.full((len(self.negatives), width), -1, dtype=np.int64)
        for row, places in enumerate(self.negatives):
            padded[row, : len(places)] = places
        return padded


@dataclass
class Bare:
    """Queries without instructions, and which passages answer each."""

    passages: list[str]
    queries: list[str]
    relevant: list[list[int]]


@dataclass
class Probes:
    """All that is measured, by name."""

    instructed: dict[str, Probe]
    bare: dict[str, Bare]
    traps: list[str]


def make_probes(data: Path, items: Sequence[Item], split: str, small: int = 0) -> Probes:
    """Gather what is measured on a split.

    :param data: the folder that ``pack`` wrote.
    :param split: validation or test.
    :param small: cut every part to about so many texts, for a try on a CPU; 0 takes all.
    """
    own = [item for item in items if item.split == split]
    instructed: dict[str, Probe] = {}
    bare: dict[str, Bare] = {}
    for source in _ORIGINS:
        some = [item for item in own if item.source == source][: small // 8 or None]
        first, *more = _ORIGINS[source]
        instructed[source] = _of_items(some, first)
        for origin in more:
            instructed[f"{source} {origin}"] = _of_items(some, origin)
        bare[source] = _bare(some)
    most = small or 500
    medical, films = medical_rows(data), read_films(data)
    for name, found in (
        ("medquad", medical_contrasts(medical, split, most)),
        ("films", film_contrasts(films, split, most)),
    ):
        instructed[name] = _of_contrasts(found, small)
    bare["conclusions"] = _conclusions(data, small)
    bare["scifact"] = _scifact(data, small)
    if split == "test":
        instructed["condaqa"] = _condaqa(data, small)
    return Probes(instructed, bare, list(TRAPS[split]))


def _corpus(items: Sequence[Item]) -> tuple[list[str], list[int]]:
    passages: list[str] = []
    starts = []
    for item in items:
        starts.append(len(passages))
        passages += [*item.texts, *item.others]
    return passages, starts


def _of_items(items: Sequence[Item], origin: str) -> Probe:
    passages, starts = _corpus(items)
    probe = Probe(passages)
    groups: dict[tuple[str, str], int] = {}
    for item, start in zip(items, starts, strict=True):
        for view in item.views:
            if view.origin == origin:
                group = groups.setdefault((item.id, view.group), len(groups)) if view.group else -1
                probe.add(*_placed(item, view, start), group)
                probe.parts.append(("", ""))
    return probe


def _placed(item: Item, view: View, start: int) -> tuple[str, int, list[int], str]:
    text = f"{item.query} {view.instruction}"
    return text, start + view.target, [start + place for place in view.negatives], view.kind


def _of_contrasts(found: ContrastSet, small: int) -> Probe:
    passages = list(found.passages)
    contrasts = found.contrasts
    if small:
        used = sorted({place for one in contrasts for place in (one.right, one.violating)})
        passages = [passages[place] for place in used]
        again = {place: number for number, place in enumerate(used)}
    else:
        again = {place: place for place in range(len(passages))}
    probe = Probe(passages)
    for one in contrasts:
        probe.add(one.text, again[one.right], [again[one.violating]], "exclusion")
        probe.parts.append((one.query, one.phrase))
    return probe


def _bare(items: Sequence[Item]) -> Bare:
    passages, starts = _corpus(items)
    relevant = [
        list(range(start, start + len(item.texts))) for item, start in zip(items, starts, strict=True)
    ]
    return Bare(passages, [item.query for item in items], relevant)


def _conclusions(data: Path, small: int) -> Bare:
    """Last sentences of abstracts, each of which looks for the rest of its own; no test query's abstract."""
    judged = {line.split("\t")[1] for line in (data / "scifact-qrels.tsv").read_text().splitlines()[1:]}
    passages: list[str] = []
    queries: list[str] = []
    for row in lines_of(data / "scifact-corpus.jsonl.xz"):
        *before, last = _SENTENCE_END.split(row["text"].strip())
        if row["_id"] in judged or len(before) < 3 or not 8 <= len(last.split()) <= 40:
            continue
        passages.append(" ".join(before))
        if len(queries) < (small or _CLAIMS):
            queries.append(last)
        if len(passages) == (small or _ABSTRACTS):
            break
    return Bare(passages, queries, [[place] for place in range(len(queries))])


def _scifact(data: Path, small: int) -> Bare:
    rows = list(lines_of(data / "scifact-corpus.jsonl.xz"))
    relevant: dict[str, set[str]] = {}
    for line in (data / "scifact-qrels.tsv").read_text().splitlines()[1:]:
        query, document, score = line.split("\t")
        if int(score):
            relevant.setdefault(query, set()).add(document)
    queries = [row for row in lines_of(data / "scifact-queries.jsonl.xz") if row["_id"] in relevant]
    if small:
        queries = queries[:small]
        needed = {document for row in queries for document in relevant[row["_id"]]}
        rows = [row for row in rows if row["_id"] in needed]
    places = {row["_id"]: place for place, row in enumerate(rows)}
    passages = [f"{row['title']}\n{row['text']}" if row["title"] else row["text"] for row in rows]
    wanted = [[places[document] for document in sorted(relevant[row["_id"]])] for row in queries]
    return Bare(passages, [row["text"] for row in queries], wanted)


def _condaqa(data: Path, small: int) -> Probe:
    rows = list(lines_of(data / "condaqa.jsonl.xz"))[: small or None]
    passages = list(dict.fromkeys(text for row in rows for text in (row["positive"], row["violating"])))
    places = {text: place for place, text in enumerate(passages)}
    probe = Probe(passages)
    groups: dict[str, int] = {}
    for row in rows:
        group = groups.setdefault(row["id"].rpartition("/")[0], len(groups))
        text = f"{row['query']} {_WANTED[row['want']]}"
        probe.add(text, places[row["positive"]], [places[row["violating"]]], "", group)
        probe.parts.append(("", ""))
    return probe


def groups_right(right: torch.Tensor, group: Sequence[int]) -> torch.Tensor:
    """Say for each group if all of its texts are right."""
    found: dict[int, bool] = {}
    for value, number in zip(right.tolist(), group, strict=True):
        if number >= 0:
            found[number] = found.get(number, True) and value
    return torch.tensor(list(found.values()))
