"""Training with the term compose: what it learns, its log, its card, and going on after an interruption."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import Dataset
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.cards.model_facts import load_facts
from dualview.trainer.data.compositions import load_compositions
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.running import interrupt_at, losses

Settings = Callable[..., TrainingSettings]


@pytest.fixture
def composing(settings_for: Settings, composition_folder: Path) -> Settings:
    """Settings of a short run with the term."""

    def make(**changes: Any) -> TrainingSettings:
        values = {"dataset": [str(composition_folder)], "compose_weight": 20.0, "compositions": 8}
        return settings_for(**{**values, **changes})

    return make


def evaluations(out: Path) -> list[dict[str, float]]:
    entries = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    return [entry for entry in entries if "eval_flip_accuracy" in entry]


@pytest.mark.parametrize("frozen", [True, False])
def test_it_pulls_held_out_compositions_and_is_in_log_and_card(
    composing: Settings, tmp_path: Path, frozen: bool
) -> None:
    settings = composing(
        frozen_documents=frozen, max_steps=30, keep_queries_weight=10.0, out=str(tmp_path / "run")
    )
    model = train(settings)
    first, last = evaluations(tmp_path / "run")
    assert last["eval_exclusion_cosine"] > first["eval_exclusion_cosine"]
    assert {"eval_inclusion_cosine", "eval_kept_cosine"} <= set(first)
    steps = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    parts = [step["compose"] for step in steps if "compose" in step]
    assert parts[0] > parts[-1] > 0
    facts = load_facts(model)
    assert facts.loss["compose_weight"] == 20.0
    assert facts.hyperparameters["compose_alpha"] == 1.0
    assert facts.mixture["queries with phrases to compose"] == 31
    assert "compositions" in facts.dataset_fingerprint


@pytest.mark.parametrize("changes", [{"frozen_documents": True}, {"cached": True, "chunk_tokens": 200}])
def test_an_interrupted_run_ends_as_one_that_was_not(
    composing: Settings, tmp_path: Path, changes: dict[str, Any]
) -> None:
    whole = composing(out=str(tmp_path / "whole"), **changes)
    parted = composing(out=str(tmp_path / "parted"), **changes)
    train(whole)
    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(3, patch)
        with pytest.raises(KeyboardInterrupt):
            train(parted)
    train(parted)
    ours, wanted = (dict(losses(tmp_path / name)) for name in ("parted", "whole"))
    assert ours == pytest.approx(wanted, abs=1e-5)
    vectors = [
        SentenceTransformer(str(tmp_path / name / "model"), device="cpu").encode_query(["rain, no snow"])
        for name in ("parted", "whole")
    ]
    np.testing.assert_allclose(*vectors, atol=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"precision": "bf16", "keep_documents_weight": 1.0, "corpus_negatives": 10},
        {"matryoshka_dims": [16], "corpus_negatives": 10, "keep_queries_weight": 1.0},
        {"cached": True, "matryoshka_dims": [16], "corpus_negatives": 10, "keep_queries_weight": 1.0},
    ],
)
def test_it_goes_with_other_settings(composing: Settings, changes: dict[str, Any]) -> None:
    model = SentenceTransformer(str(train(composing(max_steps=2, evaluations=1, **changes))), device="cpu")
    assert model.encode_query(["text"]).shape == (1, 32)


def test_a_dataset_without_compositions_is_named(settings_for: Settings, dataset_folder: Path) -> None:
    with pytest.raises(InputError, match="lacks the config 'compositions'") as caught:
        train(settings_for(compose_weight=1.0))
    assert str(dataset_folder) in str(caught.value)
    assert "set compose_weight to 0" in str(caught.value)


def test_of_several_datasets_one_needs_compositions(
    composing: Settings, composition_folder: Path, dataset_folder: Path
) -> None:
    both = [str(composition_folder), f"{dataset_folder}=0.5"]
    assert train(composing(dataset=both, max_steps=1, evaluations=0)).is_dir()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "other"}, "row 2: kind is 'other'; it must be one of exclusion, inclusion, kept"),
        ({"text": " "}, "row 2: text is empty"),
        ({"query": ""}, "row 2: query is empty"),
        ({"phrases": []}, "row 2: phrases is not a list of texts"),
        ({"phrases": ["a", ""]}, "row 2: phrases is not a list of texts"),
    ],
)
def test_a_wrong_row_is_named(
    composition_folder: Path, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    rows = Dataset.from_parquet(
        str(composition_folder / "data" / "compositions" / "train-00000-of-00001.parquet")
    ).to_list()
    rows[1] |= change
    folder = tmp_path / "wrong"
    shutil.copytree(composition_folder, folder)
    Dataset.from_list(rows).to_parquet(folder / "data" / "compositions" / "train-00000-of-00001.parquet")
    with pytest.raises(InputError, match="build it again") as caught:
        load_compositions([str(folder)], validation=False)
    assert message in str(caught.value) and str(folder) in str(caught.value)


def test_streaming_is_refused(composing: Settings) -> None:
    with pytest.raises(InputError, match=r"streaming needs max_steps, and excludes .*compose_weight"):
        composing(streaming=True)
