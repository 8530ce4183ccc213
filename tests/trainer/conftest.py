"""A small published dataset, made from the shipped text, for the trainer's tests."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from datasets import Dataset

from dualview.dataset_builder.schema import DUAL_VIEW, PLAIN

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from dualview.trainer.settings.training import TrainingSettings

ROOT = Path(__file__).resolve().parents[2]
CARD = """---
language: en
license: apache-2.0
configs:
- config_name: dual_view
  default: true
  data_files:
  - {split: train, path: data/dual_view/train-*.parquet}
  - {split: validation, path: data/dual_view/validation-*.parquet}
- config_name: plain
  data_files:
  - {split: train, path: data/plain/train-*.parquet}
---
"""


def passage(docid: str, source: dict[str, Any], words: int = 40) -> dict[str, str]:
    """A passage of the seeds, cut so that a training step on a CPU stays short."""
    return {"docid": docid, "title": source["title"], "text": " ".join(source["text"].split()[:words])}


def seed_rows() -> Iterator[dict[str, Any]]:
    """Rows of ``dual_view`` from the shipped candidate sets: two a set of three passages."""
    for file in sorted((ROOT / "dataset_builder" / "seeds").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            seed = json.loads(line)
            key = seed["id"]
            others = [passage(f"{key}-n{i}", p) for i, p in enumerate(seed["instruction_negatives"])]
            for reversal in seed["reversals"]:
                target = reversal["target"]
                yield {
                    "query_id": f"q-{key}",
                    "set_id": key,
                    "query": seed["query"],
                    "instruction": seed["instruction"],
                    "reversed_instruction": reversal["instruction"],
                    "paraphrased_instruction": seed["paraphrase"],
                    "positive": passage(f"{key}-p", seed["positive"]),
                    "reversed_positive": others[target],
                    "other_instruction_negatives": [p for i, p in enumerate(others) if i != target],
                    "hard_negatives": [
                        passage(f"{key}-h{i}", p) for i, p in enumerate(seed["hard_negatives"])
                    ],
                    "lever": reversal["lever"],
                    "style": seed["style"],
                    "domain": file.stem,
                    "source": "seeds",
                    "license": "apache-2.0",
                    "writer": {"kind": "replay", "model": None, "prompt_version": None, "temperature": None},
                    "checks": {"judge": None, "p_original": None, "p_reversed": None},
                }


def write_dataset(
    folder: Path,
    train: list[dict[str, Any]],
    validation: list[dict[str, Any]],
    plain: Sequence[dict[str, Any]] = (),
) -> Path:
    """Write rows as a published folder."""
    for config, split, rows, features in (
        ("dual_view", "train", train, DUAL_VIEW),
        ("dual_view", "validation", validation, DUAL_VIEW),
        ("plain", "train", list(plain), PLAIN),
    ):
        path = folder / "data" / config / f"{split}-00000-of-00001.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = {name: [row.get(name) for row in rows] for name in features}
        Dataset.from_dict(columns, features=features).to_parquet(path)
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def rows() -> list[dict[str, Any]]:
    """Published rows of 40 candidate sets of the seeds."""
    found = list(seed_rows())
    return found[:80]


@pytest.fixture(scope="session")
def dataset_folder(rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published folder: 32 candidate sets to train on, 8 to validate on, 16 plain queries."""
    plain = [
        {
            "query_id": row["query_id"],
            "query": row["query"],
            "positives": [row["positive"], row["reversed_positive"]],
            "hard_negatives": row["hard_negatives"],
        }
        for row in rows[:32:2]
    ]
    return write_dataset(tmp_path_factory.mktemp("dataset"), rows[:64], rows[64:], plain)


COMPOSITIONS_CARD = """- config_name: compositions
  data_files:
  - {split: train, path: data/compositions/train-*.parquet}
  - {split: validation, path: data/compositions/validation-*.parquet}
---
"""
CUES = {
    "train": (("exclusion", "{q}, no {t}"), ("exclusion", "{q} without {t}"), ("inclusion", "{q} only {t}")),
    "validation": (("exclusion", "apart from {t}, {q}"), ("inclusion", "{q}, {t} please")),
}
PHRASES = {"train": ("prices", "early history", "surgery"), "validation": ("side effects", "dosage")}
TRAPS = {"train": "Nothing beats a walk in the rain.", "validation": "Not only cats purr when they are calm."}


def composition_rows(split: str, queries: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of the config ``compositions``, with cues and phrases of their own in each split."""
    found = [{"query": "", "phrases": [], "kind": "kept", "text": TRAPS[split], "cue": "", "language": "en"}]
    for place, query in enumerate(queries):
        kind, cue = CUES[split][place % len(CUES[split])]
        phrases = PHRASES[split][: 1 + place % 2]
        text = cue.format(q=query, t=" or ".join(phrases))
        found.append(
            {
                "query": query,
                "phrases": list(phrases),
                "kind": kind,
                "text": text,
                "cue": cue,
                "language": "en",
            }
        )
    return found


@pytest.fixture(scope="session")
def composition_folder(
    rows: list[dict[str, Any]], dataset_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The published folder of ``dataset_folder`` with the config ``compositions``."""
    folder = tmp_path_factory.mktemp("compositions") / "dataset"
    shutil.copytree(dataset_folder, folder)
    queries = list(dict.fromkeys(row["query"] for row in rows))
    for split, part in (("train", queries[:30]), ("validation", queries[30:])):
        path = folder / "data" / "compositions" / f"{split}-00000-of-00001.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        Dataset.from_list(composition_rows(split, part)).to_parquet(path)
    card = (folder / "README.md").read_text(encoding="utf-8")
    (folder / "README.md").write_text(card.removesuffix("---\n") + COMPOSITIONS_CARD, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def dataset_writer() -> Callable[..., Path]:
    """The function that writes rows as a published folder."""
    return write_dataset


@pytest.fixture(scope="session")
def tiny_path(minilm_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a BERT of two narrow layers with random weights: a step takes milliseconds."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    BertModel(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(minilm_path).save_pretrained(folder)
    saved = tmp_path_factory.mktemp("tiny-encoder")
    SentenceTransformer(str(folder), device="cpu").save_pretrained(str(saved), create_model_card=False)
    return saved


@pytest.fixture(scope="session")
def tiny_loaded(tiny_path: Path) -> SentenceTransformer:
    """The tiny encoder, loaded once; take ``tiny`` for a copy that may be trained."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(tiny_path), device="cpu")


@pytest.fixture
def tiny(tiny_loaded: SentenceTransformer) -> SentenceTransformer:
    """A copy of the tiny encoder that the test may train or break."""
    return copy.deepcopy(tiny_loaded)


@pytest.fixture(scope="session")
def training_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Training rows, one a candidate set with three views and the bare query."""
    from dualview.trainer.data.candidate_rows import RowPlan, candidate_rows

    return list(candidate_rows(Dataset.from_list(rows, features=DUAL_VIEW), RowPlan(pairs_per_row=6)))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """More threads than one make steps this small slower, and very slow on a busy machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def settings_for(tiny_path: Path, dataset_folder: Path, tmp_path: Path) -> Callable[..., TrainingSettings]:
    """Settings of a short run on the tiny encoder, with what the test changes."""
    from dualview.trainer.settings.training import TrainingSettings

    def make(**changes: Any) -> TrainingSettings:
        values = {
            "model": str(tiny_path),
            "dataset": [str(dataset_folder)],
            "out": str(tmp_path / "run"),
            "max_tokens": 64,
            "max_steps": 4,
            "batch_size": 8,
            "evaluations": 2,
            "logging_steps": 1,
            "learning_rate": 1e-3,
            "neutral_weight": 0.5,
        }
        return TrainingSettings(**{**values, **changes})

    return make
