"""Training rows from a published dual-view dataset: one row, several views over the same passages.

The published ``dual_view`` rows hold two views each. Rows that share a query share passages, so they are
joined here: each passage is then encoded once for many instructions, which is where the time goes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from datasets import Dataset, Features, List, Value

NEEDED_COLUMNS = (
    "query_id",
    "set_id",
    "query",
    "instruction",
    "reversed_instruction",
    "positive",
    "reversed_positive",
    "other_instruction_negatives",
    "hard_negatives",
)

ROW_FEATURES = Features(
    {
        "query_id": Value("string"),
        "query": Value("string"),
        "instructions": List(Value("string")),
        "relevant": List(List(Value("int32"))),
        "negative": List(List(Value("int32"))),
        "passages": List(Value("string")),
        "hard_negatives": List(Value("string")),
    }
)


def passage_text(passage: Mapping[str, str]) -> str:
    """Join a passage as the encoder sees it: title, newline, text."""
    return f"{passage['title']}\n{passage['text']}" if passage["title"] else passage["text"]


@dataclass
class _Row:
    """The views and passages gathered for one training row."""

    query_id: str
    query: str
    passages: dict[str, str] = field(default_factory=dict)
    hard_negatives: dict[str, str] = field(default_factory=dict)
    views: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any], paraphrase: bool) -> None:
        positive, reversed_positive = row["positive"], row["reversed_positive"]
        others = row["other_instruction_negatives"]
        for passage in (positive, reversed_positive, *others):
            self.passages[passage["docid"]] = passage_text(passage)
        for passage in row["hard_negatives"]:
            self.hard_negatives[passage["docid"]] = passage_text(passage)
        shared = {passage["docid"] for passage in others}
        self._view(row["instruction"], positive, shared | {reversed_positive["docid"]})
        self._view(row["reversed_instruction"], reversed_positive, shared | {positive["docid"]})
        if paraphrase and row.get("paraphrased_instruction"):
            self._view(row["paraphrased_instruction"], positive, shared | {reversed_positive["docid"]})

    def _view(self, instruction: str, positive: Mapping[str, str], negatives: set[str]) -> None:
        self.views.setdefault((instruction, positive["docid"]), set()).update(negatives)

    def as_dict(self) -> dict[str, Any]:
        place = {docid: index for index, docid in enumerate(self.passages)}
        return {
            "query_id": self.query_id,
            "query": self.query,
            "instructions": [instruction for instruction, _ in self.views],
            "relevant": [[place[docid]] for _, docid in self.views],
            "negative": [sorted(place[docid] for docid in negatives) for negatives in self.views.values()],
            "passages": list(self.passages.values()),
            "hard_negatives": list(self.hard_negatives.values()),
        }


def candidate_rows(rows: Iterable[Mapping[str, Any]], pairs_per_row: int, paraphrase: bool = False) -> Dataset:
    """Join ``dual_view`` rows of a query into training rows.

    :param rows: rows of the config ``dual_view``.
    :param pairs_per_row: at most so many (original, reversed) pairs a training row; a query with more gives
        several rows, its pairs dealt out in an order fixed by their ids.
    :param paraphrase: whether the paraphrase of the original instruction is a view too.
    """
    joined = list(_join(rows, pairs_per_row, paraphrase))
    columns = {name: [row[name] for row in joined] for name in ROW_FEATURES}
    return Dataset.from_dict(columns, features=ROW_FEATURES)


def _join(rows: Iterable[Mapping[str, Any]], pairs_per_row: int, paraphrase: bool) -> Iterator[dict[str, Any]]:
    by_query: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_query[row["query_id"]].append(row)
    for query_id, pairs in by_query.items():
        pairs.sort(key=_dealing_order)
        for start in range(0, len(pairs), pairs_per_row):
            joined = _Row(query_id, pairs[start]["query"])
            for pair in pairs[start : start + pairs_per_row]:
                joined.add(pair, paraphrase)
            yield joined.as_dict()


def _dealing_order(row: Mapping[str, Any]) -> bytes:
    """Order a query's pairs by hash, so that each training row meets most of its passages and levers."""
    key = "\x1f".join((row["set_id"], row["positive"]["docid"], row["reversed_positive"]["docid"]))
    return hashlib.sha256(key.encode()).digest()
