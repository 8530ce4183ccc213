"""Training rows from a published dual-view dataset: one row, several views over the same passages.

The published ``dual_view`` rows hold two views each. Rows of one source that share a query share passages, so
they are joined here: each passage is then encoded once for many instructions, which saves most of the time.
Rows of two sources are kept apart also where they share a query, so that each source keeps its own weight.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from datasets import Dataset, Features, IterableDataset, List, Value

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
    "lever",
    "style",
    "source",
)

ROW_FEATURES = Features(
    {
        "query_id": Value("string"),
        "source": Value("string"),
        "query": Value("string"),
        "instructions": List(Value("string")),
        "relevant": List(List(Value("int32"))),
        "negative": List(List(Value("int32"))),
        "passages": List(Value("string")),
        "hard_negatives": List(Value("string")),
        "neutral": Value("bool"),
    }
)

#: Views of a published row; a bare query is a view whose instruction is empty.
VIEWS = ("original", "reversed", "paraphrase", "bare")

# With more published rows than this, training rows are written to disk and read from there.
_IN_MEMORY = 20_000


def passage_text(passage: Mapping[str, str]) -> str:
    """Join a passage as the encoder sees it: title, newline, text."""
    return f"{passage['title']}\n{passage['text']}" if passage["title"] else passage["text"]


@dataclass
class _Row:
    """Views and passages of one training row, collected from published rows."""

    query_id: str
    source: str
    query: str
    passages: dict[str, str] = field(default_factory=dict)
    hard_negatives: dict[str, str] = field(default_factory=dict)
    views: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any], views: Collection[str]) -> None:
        positive, reversed_positive = row["positive"], row["reversed_positive"]
        others = row["other_instruction_negatives"]
        for passage in (positive, reversed_positive, *others):
            self.passages[passage["docid"]] = passage_text(passage)
        for passage in row["hard_negatives"]:
            self.hard_negatives[passage["docid"]] = passage_text(passage)
        broken_by_both = {passage["docid"] for passage in others}
        against_original = broken_by_both | {reversed_positive["docid"]}
        if "original" in views:
            self._view(row["instruction"], positive, against_original)
        if "reversed" in views:
            self._view(row["reversed_instruction"], reversed_positive, broken_by_both | {positive["docid"]})
        if "paraphrase" in views and row.get("paraphrased_instruction"):
            self._view(row["paraphrased_instruction"], positive, against_original)
        if "bare" in views:
            self._view("", positive, set())

    def _view(self, instruction: str, positive: Mapping[str, str], negatives: set[str]) -> None:
        self.views.setdefault((instruction, positive["docid"]), set()).update(negatives)

    def as_dict(self, neutral: bool) -> dict[str, Any]:
        wanted = dict.fromkeys(docid for _, docid in self.views)
        order = [*wanted, *(docid for docid in self.passages if docid not in wanted)]
        place = {docid: index for index, docid in enumerate(order)}
        return {
            "query_id": self.query_id,
            "source": self.source,
            "query": self.query,
            "instructions": [instruction for instruction, _ in self.views],
            "relevant": [[place[docid]] for _, docid in self.views],
            "negative": [sorted(place[docid] for docid in negatives) for negatives in self.views.values()],
            "passages": [self.passages[docid] for docid in order],
            "hard_negatives": list(self.hard_negatives.values()),
            "neutral": neutral,
        }


@dataclass(frozen=True)
class RowPlan:
    """Plan that makes training rows of published rows.

    :param pairs_per_row: most (original, reversed) pairs in a training row; a query with more gives several
        rows, its pairs of each source distributed in an order that their ids decide.
    :param views: those of :data:`VIEWS` that a published row gives.
    :param neutral: whether the bare query, for which all passages are relevant, is a view too.
    :param reversed_share: share of the reversed views among the original and reversed ones; a row drawn by
        its ids then gives only one of the two.
    """

    pairs_per_row: int
    views: tuple[str, ...] = ("original", "reversed")
    neutral: bool = True
    reversed_share: float = 0.5

    def views_of(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the views that a published row gives."""
        if self.reversed_share == 0.5 or not {"original", "reversed"} <= set(self.views):
            return self.views
        rarer = "reversed" if self.reversed_share < 0.5 else "original"
        rarer_share = min(self.reversed_share, 1 - self.reversed_share)
        drawn = int.from_bytes(dealing_order(row)[-8:]) / 2**64
        if drawn < rarer_share / (1 - rarer_share):
            return self.views
        return tuple(view for view in self.views if view != rarer)


def candidate_rows(rows: Dataset, plan: RowPlan) -> Dataset:
    """Join ``dual_view`` rows of a query and source into training rows; large data is written to disk.

    :param rows: rows of the config ``dual_view``.
    """
    places: dict[tuple[str, str], list[int]] = {}
    for place, key in enumerate(zip(rows["query_id"], rows["source"], strict=True)):
        places.setdefault(key, []).append(place)
    queries = list(places.values())
    if len(rows) > _IN_MEMORY:
        return Dataset.from_generator(
            _joined, features=ROW_FEATURES, gen_kwargs={"rows": rows, "queries": queries, "plan": plan}
        )
    joined = list(_joined(rows, queries, plan))
    return Dataset.from_dict(
        {name: [row[name] for row in joined] for name in ROW_FEATURES}, features=ROW_FEATURES
    )


def stream_candidate_rows(rows: IterableDataset, plan: RowPlan, buffer: int, seed: int) -> IterableDataset:
    """Join *neighbouring* rows of a query and source while they are read; only theirs are in memory.

    :param buffer: size of the shuffle buffer, in training rows.
    """
    stream = IterableDataset.from_generator(
        _joined_stream, features=ROW_FEATURES, gen_kwargs={"rows": rows, "plan": plan}
    )
    return stream.shuffle(seed=seed, buffer_size=buffer)


def plain_rows(rows: Dataset) -> Dataset:
    """Turn rows of the config ``plain`` into training rows with one view, whose instruction is empty."""

    def turn(row: Mapping[str, Any]) -> dict[str, Any]:
        positives = list(range(len(row["positives"])))
        return {
            "query_id": row["query_id"],
            "source": "plain",
            "query": row["query"],
            "instructions": [""],
            "relevant": [positives],
            "negative": [[]],
            "passages": [passage_text(passage) for passage in row["positives"]],
            "hard_negatives": [passage_text(passage) for passage in row["hard_negatives"]],
            "neutral": False,
        }

    return rows.map(
        turn, remove_columns=rows.column_names, features=ROW_FEATURES, keep_in_memory=len(rows) <= _IN_MEMORY
    )


def _joined(rows: Dataset, queries: Sequence[Sequence[int]], plan: RowPlan) -> Iterator[dict[str, Any]]:
    for places in queries:
        yield from _rows_of_query([rows[place] for place in places], plan)


def _joined_stream(rows: Iterable[Mapping[str, Any]], plan: RowPlan) -> Iterator[dict[str, Any]]:
    for _, pairs in groupby(rows, key=lambda row: (row["query_id"], row["source"])):
        yield from _rows_of_query(list(pairs), plan)


def _rows_of_query(pairs: list[Mapping[str, Any]], plan: RowPlan) -> Iterator[dict[str, Any]]:
    pairs.sort(key=dealing_order)
    for start in range(0, len(pairs), plan.pairs_per_row):
        first = pairs[start]
        joined = _Row(first["query_id"], first["source"], first["query"])
        for pair in pairs[start : start + plan.pairs_per_row]:
            joined.add(pair, plan.views_of(pair))
        yield joined.as_dict(plan.neutral)


def dealing_order(row: Mapping[str, Any]) -> bytes:
    """Order a query's pairs by hash, so that each training row meets most of its passages and levers."""
    key = "\x1f".join((row["set_id"], row["positive"]["docid"], row["reversed_positive"]["docid"]))
    return hashlib.sha256(key.encode()).digest()
