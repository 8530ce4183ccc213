"""Rows of Promptriever's corpus: a miniature of it, and one that can be spoilt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.schema import CandidateSet, PlainQuery
from dualview.dataset_builder.sources import promptriever
from dualview.dataset_builder.sources.promptriever import (
    PromptrieverSettings,
    PromptrieverSource,
    parse_instance,
)
from dualview.dataset_builder.sources.source_protocol import SourceFacts
from dualview.dataset_builder.sources.text_settings import TextSettings

MINIATURE = Path(__file__).parent / "data" / "promptriever.jsonl"
FACTS = SourceFacts("promptriever", "other", "somewhere.")


def read(path: Path, **facts: Any) -> list[CandidateSet | PlainQuery]:
    return list(open_corpus(path, **facts))


def open_corpus(path: Path | str, revision: str | None = None, **facts: Any) -> PromptrieverSource:
    settings = PromptrieverSettings(revision)
    (source,) = promptriever.open_sources(str(path), settings, TextSettings(**facts))
    return source


def instance(**changes: Any) -> dict[str, Any]:
    passage = {"docid": "1", "title": "One", "text": "The first text."}
    written = {"explanation": "breaks it", "followir_score": 0.1, "joint_id": "7_2"}
    fields = {
        "query_id": "7-instruct",
        "query": "a query with an instruction",
        "only_query": "a query",
        "only_instruction": "with an instruction",
        "has_instruction": True,
        "positive_passages": [passage],
        "new_negatives": [passage | written | {"docid": "2", "text": "The second text."}],
        "negative_passages": [passage | {"docid": "3", "text": "The third text."}],
    }
    return fields | changes


def parse(**changes: Any) -> CandidateSet | PlainQuery | None:
    return parse_instance(Row("f.jsonl, line 3", instance(**changes)), FACTS)


def miniature() -> list[dict[str, Any]]:
    """The rows of the corpus in miniature."""
    return [json.loads(line) for line in MINIATURE.read_text(encoding="utf-8").splitlines()]
