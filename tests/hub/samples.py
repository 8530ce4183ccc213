"""Small datasets and models, in the form that the builder and the trainer write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dualview.cards.dataset_card import ConfigFacts, DatasetFacts, write_dataset_card
from dualview.cards.model_card import Example, ModelFacts, Result, save_facts, write_model_card
from dualview.dataset_builder.schema import CONFIGS, SPLITS


def passage(docid: str) -> dict[str, str]:
    return {"docid": docid, "title": f"Title of {docid}", "text": f"What {docid} says. --- {{{{ docid }}}}"}


def row(config: str, number: int) -> dict[str, Any]:
    """Return a row of one of the configs."""
    texts: dict[str, Any] = {name: f"{name} {number}" for name in CONFIGS[config]}
    if config == "triplets":
        return texts
    structured = {
        "positive": passage(f"a{number}"),
        "reversed_positive": passage(f"b{number}"),
        "other_instruction_negatives": [passage(f"c{number}")],
        "positives": [passage(f"a{number}"), passage(f"b{number}")],
        "hard_negatives": [],
        "phrases": ["a phrase"],
        "texts": [passage(f"a{number}"), passage(f"b{number}")],
        "views": [{"target": 0, "kind": "exclusion", "lever": "x", "instruction": f"no {number}"}],
        "writer": {"kind": "replay", "model": None, "prompt_version": None, "temperature": None},
        "checks": {"judge": None, "p_original": None, "p_reversed": None},
    }
    return {name: structured.get(name, text) for name, text in texts.items()}


def write_dataset(folder: Path, rows: int = 6, shards: int = 1, limit: str = "Small.") -> Path:
    """Write a dataset's folder with all configs.

    :param rows: of each split.
    :param shards: of each split.
    """
    facts = []
    for config, features in CONFIGS.items():
        splits = SPLITS if config != "rejected" else SPLITS[:1]
        made = [row(config, number) for number in range(rows)]
        for split in splits:
            for shard in range(shards):
                path = folder / "data" / config / f"{split}-{shard:05}-of-{shards:05}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(pa.Table.from_pylist(made[shard::shards], features.arrow_schema), path)
        files = {split: f"data/{config}/{split}-*.parquet" for split in splits}
        facts.append(ConfigFacts(config, dict.fromkeys(splits, rows), files, features, config == "dual_view"))
    write_dataset_card(
        folder,
        DatasetFacts(
            pretty_name="A small dataset",
            languages=("en",),
            licenses=("Apache-2.0",),
            sources=({"name": "seeds", "license": "Apache-2.0", "origin": "Written for this project."},),
            configs=tuple(facts),
            yields={"read": rows, "written": rows, "accepted": rows, "rejected": rows},
            rejected_by_reason={"too_long": rows},
            levers={"audience": rows},
            styles={"plain": rows},
            writers=({"kind": "replay"},),
            judge=None,
            example_rows=(row("dual_view", 0),),
            build_command="dualview build",
            limits=(limit,),
        ),
    )
    for name in ("recipe.json", "statistics.json"):
        (folder / name).write_text(json.dumps({"rows": rows}))
    return folder


RESULT = Result(
    dataset="org/dualview-ifir",
    split="test",
    metric="flip_accuracy",
    metric_name="Flip accuracy",
    subset="",
    value=0.5,
    low=0.4,
    high=0.6,
    baseline=0.1,
    difference=0.4,
    difference_low=0.3,
    difference_high=0.5,
    queries=9,
)


def model_facts(results: tuple[Result, ...] = ()) -> ModelFacts:
    return ModelFacts(
        model_name="local",
        base_model="org/base",
        base_license="mit",
        license="mit",
        languages=("en",),
        dataset_name="org/dualview-ifir",
        dataset_fingerprint="1a2b",
        instruction_template="{query} {instruction}",
        loss={"temperature": 0.02},
        loss_citation="",
        hyperparameters={"seed": 1},
        mixture={"rows": 6},
        train_seconds=1.0,
        hardware="1 CPU core",
        versions={"torch": "2.13.0"},
        max_tokens=64,
        results=results,
        train_command="accelerate launch trainer/train.py",
        eval_command=None,
        limits=("Small.",),
        example=Example("q", "i", "r", ("one", "two")),
    )


def write_model(folder: Path, weights: bytes = b"weights", results: tuple[Result, ...] = ()) -> Path:
    """Write a model's folder with a card and placeholder weights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "modules.json").write_text("[]")
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(weights)
    save_facts(folder, model_facts(results))
    write_model_card(folder, model_facts(results))
    return folder
