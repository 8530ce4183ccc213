"""Training from Python: a run by one call, parts for an own trainer, and sentences for wrong use."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Dataset
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
from sentence_transformers.sentence_transformer.training_args import SentenceTransformerTrainingArguments
from transformers.utils import logging as transformers_logging

import dualview
from dualview.cards.errors import InputError
from dualview.trainer.runs.training import train as train_run
from dualview.trainer.settings.training import TrainingSettings

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "own_trainer.py"


def test_one_call_trains_and_returns_the_model(
    dataset_folder: Path, tiny_path: Path, tmp_path: Path, settings_for: Callable[..., TrainingSettings]
) -> None:
    shown = transformers_logging.is_progress_bar_enabled()
    settings = {"max_tokens": 64, "max_steps": 2, "per_device_train_batch_size": 8, "evaluations": 1}
    model = dualview.train(
        dataset_folder, recipe=None, out=tmp_path / "run", model=tiny_path, learning_rate=1e-3, **settings
    )
    assert isinstance(model, SentenceTransformer)
    command = train_run(
        settings_for(out=str(tmp_path / "same"), max_steps=2, evaluations=1, neutral_weight=1.0)
    )
    wanted = load_file(command / "model.safetensors")
    for name, weight in model[0].auto_model.state_dict().items():
        if name in wanted:
            assert torch.equal(weight.cpu(), wanted[name]), name
    assert transformers_logging.is_progress_bar_enabled() == shown


def test_a_recipe_is_overridden_by_the_call(
    dataset_folder: Path, tiny_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[TrainingSettings] = []

    def stop(settings: TrainingSettings) -> Path:
        seen.append(settings)
        raise InputError("stopped here")

    monkeypatch.setattr("dualview.trainer.api.train_run", stop)
    with pytest.raises(InputError, match="stopped here"):
        dualview.train([dataset_folder, f"{dataset_folder}=2"], out=tmp_path, model=tiny_path, epochs=1)
    (settings,) = seen
    assert settings.dataset == [str(dataset_folder), f"{dataset_folder}=2"]
    assert (settings.model, settings.out, settings.epochs) == (str(tiny_path), str(tmp_path), 1.0)
    assert settings.frozen_documents and settings.temperature == 0.05  # the recipe minilm's


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rat": 1.0}, "'learning_rat': unknown setting; did you mean learning_rate?"),
        ({"batch_size": "many"}, "batch_size is 'many'; it must be a whole number"),
        ({"batch_size": 0}, "batch_size is 0; it must be at least 1"),
        ({"output_dir": "x"}, "output_dir and out are the same setting"),
        ({"recipe": "miniml"}, "miniml: no such recipe; did you mean minilm?"),
        ({"dataset": Dataset.from_list([{"a": 1}])}, "dataset is Dataset({"),
    ],
)
def test_a_wrong_call_is_one_sentence(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        dualview.train(**{"dataset": "d", "out": "o", **settings})
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_the_example_trains(
    dataset_folder: Path,
    tiny_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [str(dataset_folder), str(tmp_path / "own"), "--model", str(tiny_path), "--steps", "2"]
    monkeypatch.setattr(sys, "argv", [EXAMPLE.name, *words])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert "eval_flip_accuracy" in capsys.readouterr().out
    base, trained = (
        load_file(folder / "model.safetensors") for folder in (tiny_path, tmp_path / "own/model")
    )
    assert any(not torch.equal(base[name], weight) for name, weight in trained.items())
    assert 30 <= len(EXAMPLE.read_text().splitlines()) <= 60


def test_candidate_sets_have_the_views_that_are_asked_for(dataset_folder: Path) -> None:
    rows = dualview.load_candidate_sets(dataset_folder)
    assert len(rows) == 32 and all(rows["neutral"])
    assert [len(texts) for texts in rows["instructions"]] == [4] * 32
    fewer = dualview.load_candidate_sets(str(dataset_folder), paraphrases=False, neutral=False)
    assert [len(texts) for texts in fewer["instructions"]] == [3] * 32 and not any(fewer["neutral"])
    assert len(dualview.load_candidate_sets(dataset_folder, "validation")) == 8


def test_only_a_dual_view_dataset_has_candidate_sets(
    dataset_folder: Path, dataset_writer: Callable[..., Path], rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="split 'test' is missing or empty; it has train, validation"):
        dualview.load_candidate_sets(dataset_folder, "test")
    with pytest.raises(InputError, match="dataset is a Dataset; give the folder or Hub id"):
        dualview.load_candidate_sets(Dataset.from_list(rows[:1]))  # type: ignore[arg-type]
    folder = dataset_writer(tmp_path / "triplets", rows[:2], rows[:2])
    triplets = Dataset.from_dict({"anchor": ["a"], "positive": ["b"], "negative": ["c"]})
    for file in folder.glob("data/dual_view/*.parquet"):
        triplets.to_parquet(file)
    with pytest.raises(InputError, match="lacks the column 'hard_negatives' of a dual-view dataset"):
        dualview.load_candidate_sets(folder)


def train_own(model: SentenceTransformer, rows: Dataset, out: Path, loss: Any, **parts: Any) -> None:
    arguments = SentenceTransformerTrainingArguments(output_dir=str(out), max_steps=1, use_cpu=True)
    SentenceTransformerTrainer(model=model, args=arguments, train_dataset=rows, loss=loss, **parts).train()


TRIPLETS = {"anchor": ["a", "b"] * 4, "positive": ["c", "d"] * 4, "negative": ["e", "f"] * 4}


def test_triplets_are_no_candidate_sets(tiny: SentenceTransformer, tmp_path: Path) -> None:
    loss = dualview.DualViewLoss(tiny)
    with pytest.raises(InputError, match="no candidate sets: they lack 'query_id' and have anchor, positive"):
        train_own(
            tiny, Dataset.from_dict(TRIPLETS), tmp_path, loss, data_collator=dualview.make_collator(tiny)
        )


def test_plain_columns_train_without_a_collator(tiny: SentenceTransformer, tmp_path: Path) -> None:
    train_own(tiny, Dataset.from_dict(TRIPLETS), tmp_path, dualview.DualViewLoss(tiny))


def test_labels_of_another_loss_are_named(tiny: SentenceTransformer, tmp_path: Path) -> None:
    rows = Dataset.from_dict({**TRIPLETS, "label": [1.0] * 8})
    with pytest.raises(InputError, match="needs labels of candidate sets, not a Tensor"):
        train_own(tiny, rows, tmp_path, dualview.DualViewLoss(tiny))


@pytest.mark.parametrize("weight", ["keep_weight", "keep_documents_weight", "keep_queries_weight"])
def test_keeping_the_base_without_its_embeddings_is_one_sentence(
    tiny: SentenceTransformer, dataset_folder: Path, tmp_path: Path, weight: str
) -> None:
    rows = dualview.load_candidate_sets(dataset_folder)
    loss = dualview.DualViewLoss(tiny, **{weight: 1.0})
    with pytest.raises(InputError, match=f"{weight} needs .*base="):
        train_own(tiny, rows, tmp_path, loss, data_collator=dualview.make_collator(tiny))
    with pytest.raises(InputError, match=f"{weight} needs"):
        loss([tiny.preprocess(["a"]), tiny.preprocess(["b"])])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"template": "{query}"}, "needs {query} and then {instruction}"),
        ({"max_negative": 3}, "make_collator: .*max_negative"),
    ],
)
def test_wrong_options_of_the_collator_are_one_sentence(
    tiny: SentenceTransformer, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        dualview.make_collator(tiny, **options)
    with pytest.raises(InputError, match="model is a str"):
        dualview.make_collator("model")  # type: ignore[arg-type]
