"""Folders of local benchmarks, a tiny one of each kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DOCUMENTS = [{"_id": name, "title": "", "text": f"about {name}"} for name in "abcd"]


class Folder:
    """A benchmark's folder in the making."""

    def __init__(self, path: Path, kind: str | None = None, **settings: str) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        if kind:
            (path / "benchmark.json").write_text(json.dumps({"kind": kind, **settings}))
        self.lines("corpus", DOCUMENTS)

    def lines(self, name: str, records: list[Any]) -> None:
        text = "".join(json.dumps(record) + "\n" for record in records)
        (self.path / f"{name}.jsonl").write_text(text)

    def qrels(self, name: str, text: str) -> None:
        path = self.path / f"{name}.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("query-id\tcorpus-id\tscore\n" + text.replace(" ", "\t"))


def candidate_sets(path: Path, second: str = "q b 1\n") -> Folder:
    folder = Folder(path, "candidate_sets", name="pairs")
    folder.lines("queries", [{"_id": "q", "text": "bare", "source": "one"}])
    folder.lines(
        "views",
        [
            {"query_id": "q", "view": "first", "instruction": "this"},
            {"query_id": "q", "view": "second", "instruction": "that", "lever": "region", "style": "plain"},
        ],
    )
    folder.qrels("qrels/first", "q a 1\n")
    folder.qrels("qrels/second", second)
    return folder


def followir(path: Path) -> Folder:
    folder = Folder(path, "followir", name="News21", measure="ndcg_at_5")
    folder.lines("queries", [{"_id": "q", "text": "?"}])
    folder.lines(
        "views",
        [
            {"query_id": "q", "view": "original", "instruction": "all"},
            {"query_id": "q", "view": "changed", "instruction": "but a"},
        ],
    )
    folder.lines("candidates", [{"query_id": "q", "docids": ["a", "b", "c", "d"]}])
    folder.qrels("qrels/original", "q a 1\nq b 1\nq c 0\n")
    folder.qrels("qrels/changed", "q a 0\nq b 1\nq c 1\n")
    return folder


def infosearch(path: Path, worded: bool = False) -> Folder:
    folder = Folder(path, "infosearch")
    folder.lines("queries", [{"_id": "q", "text": "?"}])
    views = [
        {"query_id": "q", "view": "instructed", "instruction": "short ones"},
        {"query_id": "q", "view": "reversed", "instruction": "no short ones"},
    ]
    if worded:
        views.append({"query_id": "q", "view": "original", "instruction": "any"})
        folder.qrels("qrels/original", "q a 1\nq b 1\nq c 0\n")
    folder.lines("views", views)
    folder.qrels("qrels/instructed", "q a 1\nq b 0\nq c 0\n")
    return folder


def exclusion(path: Path, labels: str = "q a 1\nq b 0\n") -> Folder:
    folder = Folder(path, "exclusion")
    folder.lines("queries", [{"_id": "q", "text": "a, not b"}])
    folder.qrels("qrels", labels)
    return folder
