"""Facts of a small dataset and a small model, as the builder and the trainer hand them to the cards."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from datasets import Features, List, Value

from dualview.cards.dataset_card import ConfigFacts, DatasetFacts
from dualview.cards.dataset_facts import WrittenExample, WrittenSetFacts
from dualview.cards.model_card import Example, ModelFacts, Result
from dualview.dataset_builder.schema import DUAL_VIEW, TRIPLETS

SPLITS = ("train", "validation", "test")
TEXT = Value("string")


def passage(docid: str, title: str, text: str) -> dict[str, str]:
    return {"docid": docid, "title": title, "text": text}


def dual_view_row(number: int = 0) -> dict[str, Any]:
    """One row; the texts of the first hold what Markdown, HTML and Jinja would act on."""
    texts = [
        "Soak the beans overnight.\n\n---\n\nThen simmer them for an hour | or two.",
        "A pressure cooker needs 25 minutes; `do not` fill it <b>above</b> the mark. ![x](https://example.org/x.png)",
        "# Canned beans\nRinse {{ them }} and warm them for $5 worth of gas.",
    ]
    return {
        "query_id": f"home-{number:03}",
        "set_id": f"home-{number:03}",
        "query": "how long to cook dried beans",
        "instruction": "Leave out anything that needs a *pressure cooker*.",
        "reversed_instruction": "Show only what a pressure cooker does | nothing else.",
        "paraphrased_instruction": None,
        "positive": passage("a", "On the stove", texts[0]),
        "reversed_positive": passage("b", "Under pressure", texts[1]),
        "other_instruction_negatives": [passage("c", "From the <can>", texts[2])],
        "hard_negatives": [],
        "kind": "exclusion",
        "reversed_kind": "inclusion",
        "original_lever": "equipment",
        "lever": "explicit exclusion",
        "style": "negation",
        "domain": "home",
        "source": "seeds",
        "license": "apache-2.0",
        "writer": {"kind": "replay", "model": None, "prompt_version": None, "temperature": None},
        "checks": {"judge": None, "p_original": None, "p_reversed": None},
    }


def config(name: str, features: Features, rows: dict[str, int], default: bool = False) -> ConfigFacts:
    files = {split: f"data/{name}/{split}-*.parquet" for split in rows}
    return ConfigFacts(name, rows, files, features, default)


@pytest.fixture(scope="session")
def dataset_facts() -> DatasetFacts:
    return DatasetFacts(
        pretty_name="DualView quickstart",
        languages=("en",),
        licenses=("Apache-2.0",),
        sources=(
            {
                "name": "seeds",
                "license": "Apache-2.0",
                "origin": "Written for this project by a large language model.",
            },
        ),
        configs=(
            config("dual_view", DUAL_VIEW, {"train": 1200, "validation": 150, "test": 160}, default=True),
            config("triplets", TRIPLETS, {"train": 2400, "validation": 300, "test": 320}),
            config(
                "rejected",
                Features({"set_id": TEXT, "reason": TEXT, "unheard_of": List(TEXT)}),
                {"train": 12},
            ),
        ),
        yields={"read": 450, "written": 1522, "accepted": 1510, "rejected": 12},
        rejected_by_reason={"too_long": 3, "copies_passage": 9},
        levers={f"lever {number:02}": 100 - number for number in range(22)},
        styles={"negation": 800, "plain": 710},
        writers=(
            {"kind": "replay", "model": None, "prompt_version": None},
            {"kind": "facets", "model": None, "prompt_version": "1"},
            {
                "kind": "endpoint",
                "model": "org/writer-8b",
                "prompt_version": "3",
                "prompt_sha256": "9f86d081884c",
                "temperature": "0.7",
            },
        ),
        judge={"model": "org/judge-8b", "prompt_version": "2", "prompt_sha256": "60303ae22b99"},
        example_rows=tuple(dual_view_row(number) for number in range(4)),
        build_command="dualview build --source seeds --out runs/quickstart/dataset",
        limits=("English only.", "The judge is a model and errs at times."),
        kinds={
            "practical": {"exclusion": 1200, "inclusion": 0, "other": 300},
            "seeds": {"exclusion": 0, "inclusion": 0, "other": 450},
        },
        lengths={
            "practical": {"2 to 9 words": 1000, "10 to 19 words": 500},
            "seeds": {"2 to 9 words": 0, "10 to 19 words": 450},
        },
        written_sets=WrittenSetFacts(
            sources=("practical",),
            licenses=("Apache-2.0",),
            examples=(
                WrittenExample("exclusion", "pan for <eggs>", "no | coating", "A pan of *iron* lasts. " * 20),
                WrittenExample("other", "pan for eggs", "I live alone.", "A pan for one egg."),
            ),
        ),
    )


@pytest.fixture(scope="session")
def model_facts() -> ModelFacts:
    return ModelFacts(
        model_name="dualview-minilm",
        base_model="sentence-transformers/all-MiniLM-L6-v2",
        base_license="Apache-2.0",
        license="Apache-2.0",
        languages=("en",),
        dataset_name="runs/quickstart/dataset",
        dataset_fingerprint="5f2c9e",
        instruction_template="{query} {instruction}",
        loss={"temperature": 0.05, "neutral_weight": 0.5, "mask": "equal | texts"},
        loss_citation="",
        hyperparameters={"learning_rate": 5e-05, "batch_size": 24, "seed": 13},
        mixture={"rows": 1200, "candidate sets": 400},
        train_seconds=431.6,
        hardware="2 CPU cores",
        versions={"sentence-transformers": "6.2.0", "torch": "2.13.0"},
        max_tokens=160,
        results=(
            Result(
                dataset="runs/quickstart/dataset",
                split="test",
                metric="flip_accuracy",
                metric_name="Flip accuracy",
                subset="attributed pairs",
                value=0.4123,
                low=0.38,
                high=0.445,
                baseline=0.115,
                difference=0.2973,
                difference_low=0.26,
                difference_high=0.33,
                queries=640,
            ),
            Result(
                dataset="BeIR/scifact",
                split="test",
                metric="ndcg_at_10",
                metric_name="nDCG@10 of bare queries",
                subset="",
                value=0.648,
                low=0.6,
                high=0.69,
                baseline=0.649,
                difference=-0.001,
                difference_low=-0.012,
                difference_high=0.01,
                queries=300,
            ),
        ),
        train_command="accelerate launch trainer/train.py --recipe quickstart",
        eval_command="dualview evaluate --model runs/quickstart/model",
        limits=("Trained on short English passages.",),
        example=Example(
            query='how long to cook "dried" beans',
            instruction="Leave out anything that needs a pressure cooker.",
            reversed_instruction="Show only what a pressure cooker does.",
            passages=(
                "On the stove\nSoak the beans overnight, then simmer them for an hour.",
                "Under pressure\nA pressure cooker needs 25 minutes. ```no fence```",
            ),
        ),
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Any:
    """Compare a text with a file of ``golden/``; DUALVIEW_UPDATE_GOLDEN=1 writes the file instead."""

    def compare(name: str, text: str) -> None:
        path = Path(request.path).parent / "golden" / name
        if os.environ.get("DUALVIEW_UPDATE_GOLDEN") == "1":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
