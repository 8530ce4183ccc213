"""A small published dual-view dataset, made from the shipped texts as the builder would make it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding

SEEDS = Path(__file__).resolve().parents[3] / "dataset_builder" / "seeds"
README = """---
configs:
- config_name: dual_view
  default: true
  data_files:
  - split: test
    path: data/dual_view/test-*.parquet
---
"""


def seed_rows(count: int) -> Iterator[dict[str, Any]]:
    """Rows of the first so many candidate sets: two rows a set, which are three views."""
    for record in _records(SEEDS / "home.jsonl", count):
        set_id = record["id"]
        passages = [
            _passage(f"{set_id}-{n}", p)
            for n, p in enumerate([record["positive"], *record["instruction_negatives"]])
        ]
        for reversal in record["reversals"]:
            wanted = passages[reversal["target"] + 1]
            yield {
                "query_id": set_id,
                "set_id": set_id,
                "query": record["query"],
                "instruction": record["instruction"],
                "reversed_instruction": reversal["instruction"],
                "positive": passages[0],
                "reversed_positive": wanted,
                "other_instruction_negatives": [p for p in passages[1:] if p is not wanted],
                "hard_negatives": [
                    _passage(f"{set_id}-h{n}", p) for n, p in enumerate(record["hard_negatives"])
                ],
                "lever": reversal["lever"],
                "style": record["style"],
                "source": "seeds",
            }


def attributed_rows(topics: int) -> Iterator[dict[str, Any]]:
    """Rows of the first so many topics: passages that differ in an aspect, asked for by its name."""
    records = _records(SEEDS / "attributed" / "life.jsonl", topics * 6)
    for first, second in zip(records[::2], records[1::2], strict=True):
        yield {
            "query_id": first["topic"],
            "set_id": f"{first['id']}/{second['id']}",
            "query": first["query"],
            "instruction": f"Only passages about {first['attributes']['aspect']}.",
            "reversed_instruction": f"Only passages about {second['attributes']['aspect']}.",
            "positive": _passage(first["id"], first),
            "reversed_positive": _passage(second["id"], second),
            "other_instruction_negatives": [],
            "hard_negatives": [],
            "lever": "aspect",
            "style": "inclusion",
            "source": "attributed",
        }


def _records(path: Path, count: int) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in islice(file, count)]


def _passage(docid: str, record: dict[str, Any]) -> dict[str, str]:
    return {"docid": docid, "title": record["title"], "text": record["text"]}


@pytest.fixture(scope="session")
def dual_view_rows() -> list[dict[str, Any]]:
    """24 candidate sets of three views and 24 attributed pairs of 8 topics."""
    return [*seed_rows(24), *attributed_rows(8)]


@pytest.fixture(scope="session")
def dual_view_folder(dual_view_rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rows as a published folder, with the split ``test`` alone."""
    folder = tmp_path_factory.mktemp("published") / "tiny"
    data = folder / "data" / "dual_view"
    data.mkdir(parents=True)
    Dataset.from_list(dual_view_rows).to_parquet(str(data / "test-00000-of-00001.parquet"))
    (folder / "README.md").write_text(README, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def static_models(minilm: SentenceTransformer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two saved encoders that average random word vectors: real models that take no time."""
    folders = []
    for seed in (1, 2):
        words = np.random.default_rng(seed).normal(size=(minilm.tokenizer.vocab_size, 32)).astype(np.float32)
        module = StaticEmbedding(minilm.tokenizer, embedding_weights=words)
        folder = tmp_path_factory.mktemp("models") / f"static-{seed}"
        SentenceTransformer(modules=[module], device="cpu").save(str(folder))
        folders.append(folder)
    return folders[0], folders[1]


@pytest.fixture
def static_model(static_models: tuple[Path, Path]) -> SentenceTransformer:
    """The first of them, loaded."""
    return SentenceTransformer(str(static_models[0]), device="cpu")


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A folder in BEIR's layout."""
    folder = tmp_path / "plain"
    folder.mkdir()
    texts = ["Bees make honey.", "Cats hunt mice.", "Rain fills rivers.", "Bakers knead dough."]
    documents = [{"_id": f"d{number}", "title": "", "text": text} for number, text in enumerate(texts)]
    queries = [{"_id": "q0", "text": "who makes honey"}, {"_id": "q1", "text": "what do cats hunt"}]
    for name, records in (("corpus", documents), ("queries", queries)):
        text = "".join(json.dumps(record) + "\n" for record in records)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq0\td0\t1\nq1\td1\t1\n", encoding="utf-8")
    return folder
