"""Candidate sets with their instructions, and third-party passages, as ``pack`` wrote them."""

from __future__ import annotations

import gzip
import json
import lzma
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class View:
    """An instruction and the text that it wants.

    :param target: place of the wanted text in its item; ``negatives`` are those it rules out.
    :param kind: exclusion, inclusion, both or other; empty where nobody says.
    :param origin: original, paraphrase, written or facet.
    :param group: views of the same item that must be right together; empty where there are none.
    """

    target: int
    negatives: tuple[int, ...]
    instruction: str
    kind: str
    origin: str
    group: str = ""


@dataclass(frozen=True)
class Item:
    """A query, the texts that answer it, further texts that do not, and instructions."""

    id: str
    source: str
    split: str
    query: str
    texts: tuple[str, ...]
    others: tuple[str, ...]
    views: tuple[View, ...]


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """Read a JSONL file, compressed or not."""
    raw = path.read_bytes()
    unpack = {".gz": gzip.decompress, ".xz": lzma.decompress}.get(path.suffix, bytes)
    yield from (json.loads(line) for line in unpack(raw).splitlines() if line.strip())


def passage(row: Mapping[str, Any]) -> str:
    """Join title and text as the project's encoders read them."""
    return f"{row['title']}\n{row['text']}" if row.get("title") else str(row["text"])


def load_items(data: Path) -> list[Item]:
    """Read seeds, topics and practical sets with all their views.

    :param data: the folder that ``pack`` wrote.
    """
    splits = json.loads((data / "splits.json").read_text(encoding="utf-8"))
    written = {row["id"]: row["views"] for row in lines_of(data / "views.jsonl.xz")}
    items = [_seed(row, splits[row["id"]], written[row["id"]]) for row in lines_of(data / "seeds.jsonl.xz")]
    items += _topics(data, splits, written)
    for row in lines_of(data / "practical.jsonl.xz"):
        split = splits[f"practical/{row['id']}"]
        texts = tuple(passage(text) for text in row["texts"])
        views = tuple(_written(view, len(texts)) for view in row["views"])
        items.append(Item(f"practical/{row['id']}", "practical", split, row["query"], texts, (), views))
    return items


def _seed(row: Mapping[str, Any], split: str, written: list[dict[str, Any]]) -> Item:
    texts = tuple(passage(text) for text in (row["positive"], *row["instruction_negatives"]))
    wanted = [(0, row["instruction"])]
    wanted += [(reversal["target"] + 1, reversal["instruction"]) for reversal in row["reversals"]]
    views = [View(target, _rest(target, 3), text, "", "original", "original") for target, text in wanted]
    views.append(View(0, (1, 2), row["paraphrase"], "", "paraphrase"))
    views += [_written(view, 3) for view in written]
    others = tuple(passage(text) for text in row["hard_negatives"])
    return Item(row["id"], "seeds", split, row["query"], texts, others, tuple(views))


def _topics(
    data: Path, splits: Mapping[str, str], written: Mapping[str, list[dict[str, Any]]]
) -> Iterator[Item]:
    passages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in lines_of(data / "attributed.jsonl.xz"):
        passages[row["id"].rpartition("-")[0]].append(row)
    facets: dict[str, list[View]] = defaultdict(list)
    for number, row in enumerate(lines_of(data / "facets.jsonl.xz")):
        places = [ord(docid[-1]) - ord("a") for docid in row["targets"]]
        views = facets[row["query_id"]]
        for side, instruction in enumerate(row["instructions"]):
            views.append(View(places[side], (places[1 - side],), instruction, "", "facet", f"{number}"))
        if row["paraphrase"]:
            views.append(View(places[0], (places[1],), row["paraphrase"], "", "paraphrase"))
    for topic, rows in passages.items():
        views = [_written(view, len(rows)) for view in written[topic]] + facets[topic]
        texts = tuple(passage(row) for row in rows)
        yield Item(topic, "attributed", splits[topic], rows[0]["query"], texts, (), tuple(views))


def _written(view: Mapping[str, Any], texts: int) -> View:
    return View(view["target"], _rest(view["target"], texts), view["instruction"], view["kind"], "written")


def _rest(target: int, texts: int) -> tuple[int, ...]:
    return tuple(place for place in range(texts) if place != target)
