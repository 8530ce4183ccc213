"""A corpus of one's own: its table and its rows, in files."""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from dualview.dataset_builder.sources.attributed import AttributedSource, open_sources
from dualview.dataset_builder.sources.text_settings import TextSettings
from dualview.dataset_builder.writers.facets import FacetsSettings, FacetsWriter

TABLE: dict[str, Any] = {
    "name": "recipes",
    "license": "cc0-1.0",
    "noun": {"one": "a recipe", "many": "recipes"},
    "passage": {"text": "body", "title": "name"},
    "topics": {
        "group_by": [{"field": "dish", "lower": True}, {"field": "year", "take": "decade", "as": "decade"}],
        "query": ["{dish} of the {decade}"],
        "most_passages": 4,
    },
    "attributes": {
        "year": {"reads": "that", "numbers": {"equal": ["from {value}"], "below": ["older than {value}"]}},
        "needs": {"reads": "that", "templates": ["with {value}", "that call for {value}"]},
    },
}


def row(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "dish": "Soup",
        "year": 1950 + number,
        "name": f"Soup {number}",
        "body": f"Boil water and wait, as on day {number}.",
        "needs": ["salt", f"herb {number}"],
        **fields,
    }


def write_rows(path: Path, rows: Iterable[Any]) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in rows)
    data = text.encode("utf-8")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_table(folder: Path, table: Any) -> Path:
    path = folder / "own.yaml"
    path.write_text(table if isinstance(table, str) else yaml.safe_dump(table), encoding="utf-8")
    return path


def open_corpus(data: Path | str, table: Path | str | None) -> AttributedSource:
    (source,) = open_sources(str(data), None if table is None else str(table), TextSettings())
    return source


def make_writer(table: Path | str, *pairs: str) -> FacetsWriter:
    args = argparse.Namespace(facets=str(table), facet_pairs=list(pairs), seed=13)
    return FacetsSettings.from_arguments(args).make()


def with_(**changes: Any) -> dict[str, Any]:
    return {**TABLE, **changes}
